import type { Layer } from "../../generated/protocol.ts";
import { route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { useModel } from "../../state/store.ts";
import { ClassLegend } from "../classes/legend.tsx";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Pending } from "../pending.tsx";
import { StudyBar } from "../study/bar.tsx";
import { NoStudy } from "../study/none.tsx";
import { useStudy } from "../study/use.ts";
import { Transport } from "../transport.tsx";
import { ZoomSlider } from "../zoom.tsx";
import { BasisToggle } from "./basis.tsx";
import { Claim } from "./claim.tsx";
import { Column } from "./column.tsx";
import { DirectionsExplanation } from "./explanation.tsx";
import { HitInspector } from "./inspector.tsx";

/** A layer's units against random directions of its space. */
export function Directions() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  return (
    <div class="view directions">
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="directions" selection={selection} />
        <ClassLegend />
      </aside>
      {layer === undefined || epoch === undefined ? (
        <section class="stage" aria-label="Directions">
          <div class="tools">
            <BasisToggle />
            <Transport selection={selection} />
          </div>
          {layer === undefined ? <Notice title="This model has no layer that can be studied" /> : <Pending />}
        </section>
      ) : (
        <OfLayer key={layer.name} layer={layer} epoch={epoch} tools={<Transport selection={selection} />} />
      )}
    </div>
  );
}

function OfLayer({ layer, epoch, tools }: { layer: Layer; epoch: number; tools: preact.ComponentChildren }) {
  const study = useStudy("directions", { study: "directions", layer: layer.name }, epoch);
  const sheet = study.document;
  const basis = sheet?.bases.find((each) => each.basis === route.value.basis);
  return (
    <>
      <section class="stage" aria-label="Units and random directions">
        <div class="tools">
          <BasisToggle />
          {tools}
          <ZoomSlider />
        </div>
        <DirectionsExplanation />
        <StudyBar study={study} epoch={epoch} />
        {sheet === undefined ? (
          <NoStudy study={study} what={`the units and random directions of ${layer.name}`} epoch={epoch} />
        ) : (
          <>
            <Claim sheet={sheet} basis={basis} />
            {basis !== undefined && (
              <div class="both-kinds">
                <Column sheet={sheet} basis={basis} side="units" />
                <Column sheet={sheet} basis={basis} side="random" />
              </div>
            )}
          </>
        )}
      </section>
      {sheet !== undefined && basis !== undefined && <HitInspector sheet={sheet} basis={basis} />}
    </>
  );
}
