import type { OccludedLayer, OcclusionSheet } from "../../generated/protocol.ts";
import { asImages } from "../../pictures/layout.ts";
import { projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { number } from "../../state/words.ts";
import { Agreement } from "./agreement.tsx";
import { mapRamp } from "./colours.ts";
import { lowest, type Side } from "./grid.ts";
import { ImageFigure } from "./image.tsx";
import { Picture } from "./picture.tsx";
import { PixelFigure } from "./pixels.tsx";
import { ValueFigure } from "./values.tsx";
import { shares } from "./words.ts";

interface Props {
  sheet: OcclusionSheet;
  view: OccludedLayer;
  side: Side;
  size: number;
  fitted: boolean;
}

/** The columns of Zeiler & Fergus's figure 7 for one map, and how far they agree. */
export function LayerFigures({ sheet, view, side, size, fitted }: Props) {
  const { unit, whole, ...curve } = shares(view);
  const frame = { grid: sheet, side, size };
  const atlas = asImages(sheet.atlas, useModel().run);
  return (
    <>
      <div class="figures" style={{ "--picture": `${size}px` }}>
        <ImageFigure {...frame} sheet={sheet} worst={lowest(view.sums)} costs={`the sum of map ${view.map}`} />
        <ValueFigure
          {...frame}
          image={sheet.image}
          title={`Activation of map ${view.map}`}
          words="summed over the map, when the square is there"
          curve={curve}
          ramp={mapRamp([curve], unit, fitted)}
          unit={unit}
          whole={whole}
          fitted={fitted}
        />
        <figure class="map-figure">
          <figcaption>
            <b>Projection of map {view.map}</b>
            <span>the pixels that reach it, by running the network backwards</span>
          </figcaption>
          {view.projection === null ? (
            <p class="blank" style={{ width: `${size}px`, height: `${size}px` }}>
              could not be projected
            </p>
          ) : (
            <Picture {...frame} label={`deconvnet projection of map ${view.map}`}>
              <Tile atlas={atlas} index={view.projection} size={size} meaning={projectionMeaning(view.projection_scale)} name={`projection of map ${view.map}`} />
            </Picture>
          )}
          <div class="map-key">
            <p class="clean-words centred">0</p>
            <div class="map-ramp grey-ramp" aria-hidden="true">
              <i class="clean-mark" style={{ left: "50%" }} />
            </div>
            <p class="ramp-words">
              <span>−{number(view.projection_scale)}</span>
              <span>+{number(view.projection_scale)}</span>
            </p>
          </div>
          <p class="map-note">In units of the normalised input; mid-grey is zero.</p>
        </figure>
        <PixelFigure
          {...frame}
          atlas={atlas}
          tile={view.pixels}
          scale={view.pixels_scale / whole}
          unit={unit}
          what={`the sum of map ${view.map}`}
        />
      </div>
      <Agreement agreement={view.agreement} />
    </>
  );
}
