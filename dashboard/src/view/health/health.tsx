import { go, route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { useModel } from "../../state/store.ts";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Pending } from "../pending.tsx";
import { Transport } from "../transport.tsx";
import { Compare } from "./compare.tsx";
import { Detail } from "./detail.tsx";
import { HealthExplanation } from "./explanation.tsx";
import { HealthLegend } from "./legend.tsx";
import { Multiples } from "./multiples.tsx";

/** How each layer is doing, in numbers over epochs. */
export function Health() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  const { across, statistic: wanted } = route.value;
  const watched = model.watched;
  const statistic = watched?.statistic(wanted);
  return (
    <div class="view health">
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="health" selection={selection} />
        <HealthLegend />
      </aside>
      <section class="stage" aria-label="Health by epoch">
        <div class="tools">
          <AcrossToggle />
          <Transport selection={selection} />
        </div>
        <HealthExplanation />
        {watched === undefined ? (
          <Notice title="This run has no health statistics">
            Its records name none. The pictures and metrics of this run are in the other views.
          </Notice>
        ) : layer === undefined ? (
          <Notice title="This model has no layer that can be watched" />
        ) : epoch === undefined ? (
          <Pending />
        ) : across ? (
          <Compare epoch={epoch} layer={layer.name} statistic={statistic ?? watched.statistics[0]} />
        ) : model.health.of(layer.name) === undefined ? (
          <Pending title={`Waiting for the readings of ${layer.name}`} />
        ) : (
          <>
            {statistic !== undefined && <Detail layer={layer} statistic={statistic} epoch={epoch} />}
            <Multiples layer={layer} subject="filters" epoch={epoch} selected={statistic?.name} />
            <Multiples layer={layer} subject="maps" epoch={epoch} selected={statistic?.name} />
          </>
        )}
      </section>
    </div>
  );
}

function AcrossToggle() {
  const { across } = route.value;
  return (
    <div class="segments" role="group" aria-label="Layers">
      <button type="button" aria-pressed={!across} title="All statistics of one layer (c)" onClick={() => go({ across: false })}>
        One layer
      </button>
      <button type="button" aria-pressed={across} title="One statistic of all layers (c)" onClick={() => go({ across: true })}>
        All layers
      </button>
    </div>
  );
}
