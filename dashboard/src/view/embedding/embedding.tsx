import type { Layer } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { useModel } from "../../state/store.ts";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Pending } from "../pending.tsx";
import { StudyBar } from "../study/bar.tsx";
import { NoStudy } from "../study/none.tsx";
import { useStudy } from "../study/use.ts";
import { Transport } from "../transport.tsx";
import { Agreement } from "./agreement.tsx";
import { ClassChips } from "./chips.tsx";
import { EmbeddingExplanation } from "./explanation.tsx";
import { Multiples } from "./multiples.tsx";
import { Pinned } from "./pinned.tsx";
import { Reading } from "./reading.tsx";
import { Scatter } from "./scatter.tsx";

/** The probe images by how alike a layer finds them. */
export function Embedding() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  return (
    <div class="view embedding">
      <aside class="side" aria-label="Layer">
        <Layers model={model} view="embedding" selection={selection} />
      </aside>
      <section class="stage" aria-label="Images in the plane">
        <div class="tools">
          <PointsToggle />
          <Transport selection={selection} />
        </div>
        <EmbeddingExplanation />
        {layer === undefined ? (
          <Notice title="This model has no layer that can be studied" />
        ) : epoch === undefined ? (
          <Pending />
        ) : (
          <OfLayer key={layer.name} layer={layer} epoch={epoch} />
        )}
      </section>
    </div>
  );
}

function OfLayer({ layer, epoch }: { layer: Layer; epoch: number }) {
  const study = useStudy("embedding", { study: "embedding", layer: layer.name }, epoch);
  const { document: sheet, subject, shown } = study;
  return (
    <>
      <StudyBar study={study} epoch={epoch} />
      {sheet === undefined ? (
        <NoStudy study={study} what={`how alike ${layer.name} finds the images`} epoch={epoch} />
      ) : (
        <>
          <ClassChips />
          <div class="in-plane">
            <Scatter sheet={sheet} />
            <div class="beside-plane">
              <Agreement sheet={sheet} />
              <Pinned sheet={sheet} />
              <Reading sheet={sheet} />
            </div>
            <Multiples sheet={sheet} subject={subject} shown={shown?.epoch} />
          </div>
        </>
      )}
    </>
  );
}

function PointsToggle() {
  const { points } = route.value;
  return (
    <div class="segments" role="group" aria-label="How the images are drawn">
      <button type="button" aria-pressed={points === "dots"} title="A mark for each image (t)" onClick={() => go({ points: "dots" })}>
        Marks
      </button>
      <button type="button" aria-pressed={points === "pictures"} title="The images themselves (t)" onClick={() => go({ points: "pictures" })}>
        Images
      </button>
    </div>
  );
}
