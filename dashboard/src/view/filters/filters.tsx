import { useState } from "preact/hooks";
import { go, route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { useModel } from "../../state/store.ts";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Transport } from "../transport.tsx";
import { FilterExplanation } from "./explanation.tsx";
import { NoiseChart } from "./noise.tsx";
import { QChart } from "./q.tsx";
import { Readout } from "./readout.tsx";
import { VerdictLegend } from "./legend.tsx";
import { Wall } from "./wall.tsx";

/** The filters of the first layer, and whether they are more than noise. */
export function Filters() {
  const model = useModel();
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  const history = layer && model.filters.of(layer.name);
  const record = epoch === undefined ? undefined : history?.byEpoch.get(epoch);
  const chosen = route.value.map;
  const subject = pointed ?? chosen;
  return (
    <div class="view filters">
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="filters" selection={selection} />
        <VerdictLegend record={record} />
      </aside>
      <section class="stage" aria-label="Filters by epoch">
        <div class="tools">
          <Transport selection={selection} />
        </div>
        <FilterExplanation />
        {layer === undefined ? (
          <Notice title="No layer of this model shows filters">
            Only filters that look at the input image itself can be shown as pictures.
          </Notice>
        ) : record === undefined || history === undefined || epoch === undefined ? (
          <Notice title={`Waiting for the filters of ${layer.name}`} busy>
            The first ones are those of the untrained network.
          </Notice>
        ) : (
          <div class="columns">
            <div class="left">
              <Wall
                record={record}
                chosen={chosen}
                onPoint={setPointed}
                onChoose={(filter) => go({ map: filter === chosen ? undefined : filter })}
              />
              <Readout record={record} filter={subject} />
              {record.test.caution !== null && <p class="caution">{record.test.caution}</p>}
            </div>
            <div class="right">
              <NoiseChart history={history} epoch={epoch} name={layer.name} />
              <QChart history={history} record={record} epoch={epoch} chosen={subject} name={layer.name} />
            </div>
          </div>
        )}
      </section>
    </div>
  );
}
