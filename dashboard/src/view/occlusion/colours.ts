import { ramp, type Ramp } from "../../charts/ramp.ts";
import { lowest } from "./grid.ts";
import type { Unit } from "./words.ts";

/** The numbers of a map: for the whole image, and at each position of the square. */
export interface Curve {
  clean: number | null;
  values: readonly (number | null)[];
}

/** The colours of maps that are compared: from 0 (probabilities: to 1), or only over what was read. */
export function mapRamp(curves: readonly Curve[], unit: Unit, fitted: boolean): Ramp {
  const all = curves.flatMap(({ clean, values }) => [clean, ...values]);
  const [least, most] = [extreme(all, 1), extreme(all, -1)];
  if (fitted) return ramp("linear", least, most);
  return unit === "probability" ? ramp("linear", 0, 1) : ramp("linear", Math.min(0, least), Math.max(0, most));
}

/** The smallest number, or the largest with sign −1; 0 if there is none. */
export function extreme(values: readonly (number | null)[], sign: 1 | -1): number {
  const at = lowest(values.map((value) => (value === null ? null : sign * value)));
  return at === undefined ? 0 : values[at]!;
}

/** Where a value is on a ramp, in per cent of its length. */
export function placeOn({ low, high }: Ramp, value: number): number {
  return (100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low);
}

/** A map of which so little of the ramp is used looks flat; the share of its length. */
const FLAT = 0.25;

/** Whether all positions have nearly the same colour. */
export function isFlat({ low, high }: Ramp, values: readonly (number | null)[]): boolean {
  return extreme(values, -1) - extreme(values, 1) < FLAT * (high - low);
}

const COLOURS = 8;

/**
 * The colour variables of the most probable classes, by class. The one for the whole image has none: its places stay
 * quiet. The others keep the colour that they have everywhere as long as it is free; from nine on colours repeat.
 */
export function classColours(top: readonly number[], clean: number): Map<number, string> {
  const found = [...new Set(top)].filter((each) => each !== clean).sort((a, b) => a - b);
  const free = Array.from({ length: COLOURS }, (_, at) => at);
  const chosen = new Map<number, number>();
  for (const each of found) {
    const own = free.indexOf(each % COLOURS);
    if (own >= 0) chosen.set(each, free.splice(own, 1)[0]!);
  }
  for (const each of found) if (!chosen.has(each)) chosen.set(each, free.shift() ?? each % COLOURS);
  return new Map(found.map((each) => [each, `class-${chosen.get(each)}`]));
}
