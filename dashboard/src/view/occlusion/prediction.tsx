import type { OcclusionSheet } from "../../generated/protocol.ts";
import { mapRamp } from "./colours.ts";
import { lowest, type Side } from "./grid.ts";
import { OtherFill } from "./fills.tsx";
import { ImageFigure } from "./image.tsx";
import { PixelFigure } from "./pixels.tsx";
import { TopFigure } from "./top.tsx";
import { ValueFigure } from "./values.tsx";
import { percent } from "../../state/value.ts";

interface Props {
  sheet: OcclusionSheet;
  side: Side;
  size: number;
  fitted: boolean;
  nameOf: (label: number) => string;
}

/** What becomes of the prediction when parts of the image are covered. */
export function PredictionPanel({ sheet, side, size, fitted, nameOf }: Props) {
  const { prediction, image } = sheet;
  if (prediction === null) {
    return (
      <section class="panel" aria-label="Prediction">
        <h2>What the prediction depends on</h2>
        <p class="panel-words">
          This network does not put out one number per class, so there is no probability to map. What its layers depend on
          can be seen all the same.
        </p>
      </section>
    );
  }
  const { clean, clean_top, probabilities } = prediction;
  const name = nameOf(prediction.class);
  const curve = { clean, values: probabilities };
  const frame = { grid: sheet, side, size };
  return (
    <section class="panel prediction" aria-label="Prediction">
      <h2>What the prediction depends on</h2>
      <p class="panel-words">
        With nothing covered, the network gives <b>{name}</b> {clean === null ? "no finite probability" : `a probability of ${percent(clean)}`}
        {clean_top === prediction.class ? " and finds no other class more probable." : `, but finds ${nameOf(clean_top)} most probable.`}
      </p>
      <div class="figures" style={{ "--picture": `${size}px` }}>
        <ImageFigure {...frame} sheet={sheet} worst={lowest(probabilities)} costs={`the probability of ${name}`} />
        <ValueFigure
          {...frame}
          image={image}
          title={`Probability of ${name}`}
          words="when the square is there"
          curve={curve}
          ramp={mapRamp([curve], "probability", fitted)}
          unit="probability"
          fitted={fitted}
        />
        <TopFigure {...frame} image={image} prediction={prediction} nameOf={nameOf} />
        <PixelFigure
          {...frame}
          atlas={sheet.atlas}
          tile={prediction.pixels}
          scale={prediction.pixels_scale}
          unit="probability"
          what={`the probability of ${name}`}
        />
      </div>
      <OtherFill other={prediction.other_fill} />
    </section>
  );
}
