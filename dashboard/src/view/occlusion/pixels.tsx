import type { Atlas } from "../../generated/protocol.ts";
import { Picture, type Frame } from "./picture.tsx";
import { SIGNED, SignedTile } from "./signed.tsx";
import { amount, type Unit } from "./words.ts";

interface Props extends Frame {
  atlas: Atlas;
  tile: number | null;
  /** What the strongest colour stands for, in the unit. */
  scale: number;
  unit: Unit;
  /** What falls: "the probability". */
  what: string;
}

/** The mean drop over the squares that cover a pixel. */
export function PixelFigure({ atlas, tile, scale, unit, what, ...frame }: Props) {
  return (
    <figure class="map-figure">
      <figcaption>
        <b>Mean drop per pixel</b>
        <span>the average over all squares that cover the pixel</span>
      </figcaption>
      {tile === null ? (
        <p class="blank" style={{ width: `${frame.size}px`, height: `${frame.size}px` }}>
          could not be drawn
        </p>
      ) : (
        <Picture {...frame} label={`mean drop of ${what} per pixel, at most ${amount(scale, unit)}`}>
          <SignedTile atlas={atlas} index={tile} scale={scale} unit={`mean drop of ${what}`} />
        </Picture>
      )}
      <div class="map-key">
        <p class="clean-words centred">0</p>
        <div class="map-ramp" style={{ background: `linear-gradient(to right, ${SIGNED.stops.join()})` }} aria-hidden="true">
          <i class="clean-mark" style={{ left: "50%" }} />
        </div>
        <p class="ramp-words">
          <span>
            rises by
            <br />
            {amount(scale, unit)}
          </span>
          <span>
            falls by
            <br />
            {amount(scale, unit)}
          </span>
        </p>
      </div>
    </figure>
  );
}
