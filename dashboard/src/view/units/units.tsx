import { route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { useModel } from "../../state/store.ts";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Pending } from "../pending.tsx";
import { Transport } from "../transport.tsx";
import { ZoomSlider } from "../zoom.tsx";
import { UnitsExplanation } from "./explanation.tsx";
import { UnitLegend } from "./legend.tsx";
import { UnitPage } from "./page.tsx";
import { UnitWall } from "./wall.tsx";

/** What excites the feature maps of a layer most: all of them, or a page of one. */
export function Units() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  const { map } = route.value;
  return (
    <div class="view unit-view">
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="units" selection={selection} />
        <UnitLegend />
      </aside>
      <section class="stage" aria-label={map === undefined ? "Maps and their top images" : `Map ${map}`}>
        <div class="tools">
          <Transport selection={selection} />
          <ZoomSlider />
        </div>
        <UnitsExplanation />
        {layer === undefined ? (
          <Notice title="This model has no layer that can be watched" />
        ) : epoch === undefined ? (
          <Pending />
        ) : map === undefined ? (
          <UnitWall layer={layer} epoch={epoch} />
        ) : map < layer.shape[0] ? (
          <UnitPage key={`${layer.name} ${map}`} layer={layer} map={map} epoch={epoch} />
        ) : (
          <Notice title={`${layer.name} has no map ${map}`}>Its maps are 0 to {layer.shape[0] - 1}.</Notice>
        )}
      </section>
    </div>
  );
}
