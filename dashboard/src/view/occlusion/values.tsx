import type { Ramp } from "../../charts/ramp.ts";
import { go } from "../../navigation/navigate.ts";
import { extreme, isFlat, type Curve } from "./colours.ts";
import { MapKey } from "./key.tsx";
import { MapPicture } from "./map.tsx";
import type { Frame } from "./picture.tsx";
import { useColours } from "./values.ts";
import { valueWords, type Unit } from "./words.ts";

interface Props extends Frame {
  image: number;
  title: string;
  words: string;
  curve: Curve;
  ramp: Ramp;
  unit: Unit;
  whole?: number;
  fitted: boolean;
}

/** A map of one number at each position of the square, with what its colours mean. */
export function ValueFigure({ image, title, words, curve, ramp, unit, whole, fitted, ...frame }: Props) {
  const colours = useColours(curve.values, ramp);
  const [least, most] = [extreme(curve.values, 1), extreme(curve.values, -1)];
  const range = `${valueWords(least, unit)} to ${valueWords(most, unit)}`;
  return (
    <figure class="map-figure">
      <figcaption>
        <b>{title}</b>
        <span>{words}</span>
      </figcaption>
      <MapPicture {...frame} image={image} colours={colours} label={`${title}, by position of the square: ${range}`} />
      <MapKey ramp={ramp} curve={curve} unit={unit} whole={whole} />
      <p class="map-note">
        {!fitted && isFlat(ramp, curve.values) ? (
          <>
            Everywhere {range}: no place matters much by itself.{" "}
            <button type="button" class="link" onClick={() => go({ fitted: true })}>
              Show small differences
            </button>
          </>
        ) : (
          unit === "number" ? "Dark: a low value when this place is covered." : "Dark: covering this place takes much away."
        )}
      </p>
    </figure>
  );
}
