import type { Ramp } from "../../charts/ramp.ts";
import { placeOn, type Curve } from "./colours.ts";
import { pointed } from "./pointed.ts";
import { valueWords, type Unit } from "./words.ts";

interface Props {
  ramp: Ramp;
  curve: Curve;
  unit: Unit;
  /** What a value of 1 stands for, if the unit is a share. */
  whole?: number | undefined;
}

/** What the colours of a map mean, with the reading of the whole image marked. */
export function MapKey({ ramp, curve, unit, whole }: Props) {
  const words = (value: number): string => {
    const said = valueWords(value, unit);
    return whole === undefined || unit !== "share" ? said : `${said} (${valueWords(value * whole, "number")})`;
  };
  const clean = curve.clean === null ? undefined : placeOn(ramp, curve.clean);
  return (
    <div class="map-key">
      {clean !== undefined && (
        <p class="clean-words" style={{ left: `${clean}%`, transform: `translateX(-${clean}%)` }}>
          nothing covered: {words(curve.clean!)}
        </p>
      )}
      <div class="map-ramp" style={{ background: `linear-gradient(to right, ${ramp.stops.join()})` }} aria-hidden="true">
        {clean !== undefined && <i class="clean-mark" style={{ left: `${clean}%` }} />}
        <PointedMark ramp={ramp} curve={curve} />
      </div>
      <p class="ramp-words">
        <span>{words(ramp.low)}</span>
        <span>{words(ramp.high)}</span>
      </p>
      {curve.values.includes(null) && (
        <p>
          <i class="swatch broken-swatch" aria-hidden="true" /> not a finite number
        </p>
      )}
    </div>
  );
}

/** The reading at the position under the pointer. */
function PointedMark({ ramp, curve }: { ramp: Ramp; curve: Curve }) {
  const value = pointed.value === undefined ? undefined : curve.values[pointed.value];
  return value == null ? null : <i class="pointed-mark" style={{ left: `${placeOn(ramp, value)}%` }} />;
}
