import type { OccludedPrediction, OcclusionSheet } from "../../generated/protocol.ts";
import { asImages } from "../../pictures/layout.ts";
import { quantityOf, type Outputs } from "../../state/outputs.ts";
import { useModel } from "../../state/store.ts";
import { shortName } from "../../state/words.ts";
import { Name } from "../name.tsx";
import { mapRamp } from "./colours.ts";
import { lowest, type Side } from "./grid.ts";
import { OtherFill } from "./fills.tsx";
import { ImageFigure } from "./image.tsx";
import { PixelFigure } from "./pixels.tsx";
import { TopFigure } from "./top.tsx";
import { ValueFigure } from "./values.tsx";
import { unitOf, valueWords } from "./words.ts";

interface Props {
  sheet: OcclusionSheet;
  side: Side;
  size: number;
  fitted: boolean;
  outputs: Outputs;
}

/** What becomes of the prediction when parts of the image are covered. */
export function PredictionPanel({ sheet, side, size, fitted, outputs }: Props) {
  const model = useModel();
  const { prediction, image, no_prediction: why } = sheet;
  if (prediction === null) {
    return (
      <section class="panel" aria-label="Prediction">
        <h2>What the prediction depends on</h2>
        <p class="panel-words">
          {why === undefined ? "The prediction was not read." : `The prediction was not read: ${why}.`} What the network's layers
          depend on can be seen all the same.
        </p>
      </section>
    );
  }
  const { clean, probabilities, top } = prediction;
  const name = outputs.nameOf(prediction.class);
  const unit = unitOf(prediction);
  const quantity = quantityOf(prediction, outputs);
  const curve = { clean, values: probabilities };
  const frame = { grid: sheet, side, size };
  const short = shortName(name) ?? name;
  return (
    <section class="panel prediction" aria-label="Prediction">
      <h2>{quantity === "probability" ? "What the prediction depends on" : "What the output depends on"}</h2>
      <Clean prediction={prediction} outputs={outputs} />
      <div class="figures" style={{ "--picture": `${size}px` }}>
        <ImageFigure {...frame} sheet={sheet} worst={lowest(probabilities)} costs={`the ${quantity} of ${short}`} />
        <ValueFigure
          {...frame}
          image={image}
          title={`${quantity === "probability" ? "Probability" : quantity === "value" ? "Value" : "Softmax share"} of ${short}`}
          words="when the square is there"
          curve={curve}
          ramp={mapRamp([curve], unit, fitted)}
          unit={unit}
          fitted={fitted}
        />
        {quantity === "probability" && top.length > 0 && <TopFigure {...frame} image={image} prediction={prediction} nameOf={outputs.nameOf} />}
        <PixelFigure
          {...frame}
          atlas={asImages(sheet.atlas, model.run)}
          tile={prediction.pixels}
          scale={prediction.pixels_scale}
          unit={unit}
          what={`the ${quantity} of ${short}`}
        />
      </div>
      <OtherFill other={prediction.other_fill} />
      {quantity !== "probability" && outputs.reason !== undefined && <p class="panel-words">No class is spoken of: {outputs.reason}.</p>}
    </section>
  );
}

/** What the network says of the whole image. */
function Clean({ prediction, outputs }: { prediction: OccludedPrediction; outputs: Outputs }) {
  const { clean, clean_top } = prediction;
  const name = <Name of={outputs.nameOf(prediction.class)} />;
  const value = valueWords(clean, unitOf(prediction));
  switch (quantityOf(prediction, outputs)) {
    case "value":
      return (
        <p class="panel-words">
          With nothing covered, the network puts out <b>{name}: {value}</b>
          {prediction.class === clean_top && outputs.count > 1 ? ", of its numbers the one of the largest magnitude." : "."}
        </p>
      );
    case "softmax share":
      return (
        <p class="panel-words">
          With nothing covered, <b>{name}</b> has {value} of the softmax over the network's outputs: a probability only if they are
          classes, which was not recorded.
        </p>
      );
    case "probability":
      return (
        <p class="panel-words">
          With nothing covered, the network gives <b>{name}</b> {clean === null ? "no finite probability" : `a probability of ${value}`}
          {clean_top === prediction.class ? (
            " and finds no other class more probable."
          ) : (
            <>
              , but finds <Name of={outputs.nameOf(clean_top)} /> most probable.
            </>
          )}
        </p>
      );
  }
}
