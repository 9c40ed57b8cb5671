import { useState } from "preact/hooks";
import type { OcclusionSheet } from "../../generated/protocol.ts";
import { quantityOf, type Outputs } from "../../state/outputs.ts";
import { useModel } from "../../state/store.ts";
import { count } from "../../state/value.ts";
import { shortName } from "../../state/words.ts";
import { Name } from "../name.tsx";
import { spread, type Side } from "./grid.ts";
import { EpochMap } from "./epoch.tsx";
import { mapRamp } from "./colours.ts";
import { readingOf } from "./reading.ts";
import { smallSize } from "./sizes.ts";
import type { Occlusion } from "./settings.ts";

interface Props {
  subject: Occlusion;
  /** The study that is shown large. */
  sheet: OcclusionSheet;
  layer: string | undefined;
  side: Side;
  /** That there is for the row. */
  width: number;
  fitted: boolean;
  outputs: Outputs;
}

const MOST = 8;

/** The same map at the epochs that were studied. */
export function History({ subject, sheet, layer, width, outputs, ...rest }: Props) {
  const epochs = useModel().studies.epochs(subject);
  const [wanted, setWanted] = useState<"prediction" | "layer">("prediction");
  const { prediction } = sheet;
  const layered = layer !== undefined && sheet.layers.some((each) => each.layer === layer);
  const what = prediction === null ? "layer" : !layered ? "prediction" : wanted;
  if (epochs.length < 2) return null;
  const name = prediction === null ? "" : outputs.nameOf(prediction.class);
  const shown = spread(epochs, MOST);
  const frame = { ...rest, size: smallSize(width, shown.length) };
  const read = readingOf(sheet, what === "layer" ? layer : undefined);
  const ramp = frame.fitted || read === undefined ? undefined : mapRamp([read.curve], read.unit, false);
  return (
    <section class="panel history" aria-label="Over the epochs">
      <div class="panel-head">
        <h2>
          Over the epochs{" "}
          <small>
            {shown.length < epochs.length ? `${shown.length} of the ${count(epochs.length, "studied epoch")}` : count(epochs.length, "studied epoch")}; click one to go there
          </small>
        </h2>
        {prediction !== null && layered && (
          <div class="segments" role="group" aria-label="Map over the epochs">
            <button type="button" aria-pressed={what === "prediction"} onClick={() => setWanted("prediction")}>
              <Name of={outputs.nameOf(prediction.class)} />
            </button>
            <button type="button" aria-pressed={what === "layer"} onClick={() => setWanted("layer")}>
              {layer}
            </button>
          </div>
        )}
      </div>
      <p class="panel-words">
        {what === "prediction"
          ? `The ${quantityOf(prediction!, outputs)} of ${shortName(name) ?? name} by position of the square. `
          : `The sum of the strongest map of ${layer}, each in per cent of its own sum on the whole image. `}
        {frame.fitted ? "Colours span what each epoch read: compare their pattern, not their strength." : "All epochs have the same colours: dark is little."}
      </p>
      <ul class="small-maps">
        {shown.map((epoch) => (
          <EpochMap key={epoch} {...frame} subject={subject} epoch={epoch} ramp={ramp} current={epoch === sheet.epoch} layer={what === "layer" ? layer : undefined} />
        ))}
      </ul>
    </section>
  );
}
