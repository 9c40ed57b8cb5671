import { go, route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { coveredImage } from "../../navigation/study.ts";
import { imageLayout } from "../../pictures/layout.ts";
import { outputsOf } from "../../state/outputs.ts";
import { useModel } from "../../state/store.ts";
import { shortName } from "../../state/words.ts";
import { className } from "../evolution/focus.ts";
import { ImageStrip } from "../images/strip.tsx";
import { Layers } from "../layers.tsx";
import { Pending } from "../pending.tsx";
import { Transport } from "../transport.tsx";
import { Body } from "./body.tsx";
import { OcclusionExplanation } from "./explanation.tsx";
import { OcclusionLegend } from "./legend.tsx";
import { Look } from "./look.tsx";
import { settingsOf, type Occlusion as Subject } from "./settings.ts";
import { SquareSettings } from "./square.tsx";

/** What the prediction and each layer lose when a square covers part of an image (Zeiler & Fergus 2013, figure 7). */
export function Occlusion() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  const image = coveredImage(model, route.value.image);
  const settings = settingsOf(route.value);
  const subject: Subject = { study: "occlusion", image, settings };
  const layout = imageLayout(model.run);
  const side = [layout.height, layout.width] as const;
  const outputs = outputsOf(model.run);
  const own = outputs.thing === "class" ? className(model, image) : undefined;
  const studied = new Set(model.studies.every("occlusion").map((each) => each.image));
  return (
    <div class="view occlusion">
      <aside class="side" aria-label="Layer, square and legend">
        <Layers model={model} view="occlusion" selection={selection} />
        <SquareSettings
          settings={settings}
          side={side}
          outputs={outputs}
          own={outputs.thing === "output" ? "largest" : own === undefined ? "the most probable one" : `its own (${shortName(own) ?? own})`}
        />
        <OcclusionLegend />
      </aside>
      <section class="stage" aria-label="What covering parts of an image changes">
        <div class="tools">
          <Transport selection={selection} />
          <Look />
        </div>
        <OcclusionExplanation />
        <ImageStrip image={image} studied={studied} onChoose={(chosen) => go({ image: chosen, target: undefined })} />
        {epoch === undefined ? (
          <Pending />
        ) : (
          <Body subject={subject} layer={layer} epoch={epoch} side={side} outputs={outputs} />
        )}
      </section>
    </div>
  );
}
