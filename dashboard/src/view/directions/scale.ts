import type { BasisSheet } from "../../generated/protocol.ts";

/** An axis for differences of shares; `no difference` is always on it. */
export interface DifferenceScale {
  low: number;
  high: number;
  ticks: readonly number[];
}

type Interval = Pick<BasisSheet, "difference" | "low" | "high">;

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const MOST_TICKS = 8;

/** One axis for all bases, in whole steps. */
export function differenceScale(bases: readonly Interval[]): DifferenceScale {
  const values = bases.flatMap(({ difference, low, high }) => [difference, low, high]).filter((value) => value !== null);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const step = STEPS.find((each) => (most - least) / each <= MOST_TICKS - 2) ?? STEPS.at(-1)!;
  // A little room on both sides, so that neither way looks impossible.
  const [first, last] = [Math.floor(least / step - 0.25), Math.ceil(most / step + 0.25)];
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
  return { low: first * step, high: last * step, ticks };
}

/** Where on the axis a value is, in per cent of its length. */
export function placeOn({ low, high }: DifferenceScale, value: number): number {
  return (100 * (value - low)) / (high - low);
}

/** A difference of shares in points of a hundred: "+3". */
export function pointsWords(difference: number): string {
  const value = Math.round(100 * difference);
  return value === 0 ? "0" : value > 0 ? `+${value}` : `−${-value}`;
}
