import type uPlot from "uplot";
import { axis } from "./chart.tsx";
import type { Scale } from "../generated/protocol.ts";

/** The ends of an axis. */
export type Ends = [low: number, high: number];

/** More decades than this cannot be told apart. */
const DECADES = 12;

/** Fits an axis to the readings, and to those of the levels that are not so far off as to flatten them. */
export function ends(scale: Scale, values: readonly (number | null | undefined)[], levels: readonly number[]): Ends {
  if (scale === "share") return [0, 1.04];
  if (scale === "signed") return [-1.04, 1.04];
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value == null || (scale === "logarithmic" && value <= 0)) continue;
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  if (scale === "logarithmic") return low > high ? logarithmic(0.1, 1, levels) : logarithmic(low, high, levels);
  return low > high ? linear(0, 1, levels) : linear(low, high, levels);
}

function linear(low: number, high: number, levels: readonly number[]): Ends {
  const reach = Math.max(high - low, 0.5 * Math.max(Math.abs(low), Math.abs(high)), 1e-9);
  const near = levels.filter((level) => level > low - 2 * reach && level < high + 2 * reach);
  const [least, most] = [Math.min(low, ...near), Math.max(high, ...near)];
  const margin = 0.1 * (most - least) || 0.5 * reach;
  return [least >= 0 ? Math.max(0, least - margin) : least - margin, most + margin];
}

function logarithmic(low: number, high: number, levels: readonly number[]): Ends {
  const near = levels.filter((level) => level > low / 1e4 && level < high * 1e4);
  const top = Math.ceil(Math.log10(Math.max(high, ...near) * 1.0001));
  const bottom = Math.max(Math.floor(Math.log10(Math.min(low, ...near) * 0.9999)), top - DECADES);
  return [10 ** Math.min(bottom, top - 1), 10 ** top];
}

/** What the lower end of a logarithmic axis stands for, if there are readings below it: they are drawn there. */
export function bottomWords(values: readonly (number | null | undefined)[], [low]: Ends): string | undefined {
  const below = values.filter((value) => value != null && value < low);
  if (below.length === 0) return undefined;
  return below.every((value) => value === 0) ? "0" : `≤ ${plain(low)}`;
}

/** The vertical axis of a statistic; `bottom` is asked for what is written at the lower end. */
export function valueAxis(scale: Scale, small: boolean, bottom: () => string | undefined): uPlot.Axis {
  const size = scale === "logarithmic" ? 58 : small ? 46 : 54;
  const common = { size, labelSize: 0 };
  switch (scale) {
    case "share":
      return axis("", {
        ...common,
        splits: () => (small ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]),
        values: (_, splits) => splits.map((split) => `${100 * split} %`),
      });
    case "signed":
      return axis("", {
        ...common,
        splits: () => (small ? [-1, 0, 1] : [-1, -0.5, 0, 0.5, 1]),
        values: (_, splits) => splits.map((split) => String(split).replace("-", "−")),
      });
    case "linear":
      return axis("", { ...common, space: small ? 26 : 40, values: (_, splits) => splits.map(plain) });
    case "logarithmic":
      return axis("", {
        ...common,
        filter: (_, splits) => splits,
        splits: (_, __, low, high) => decades(low, high, small ? 4 : 8),
        values: (_, splits) => splits.map((split, at) => (at === 0 ? bottom() : undefined) ?? plain(split)),
      });
  }
}

/** Powers of ten, at most so many. */
function decades(low: number, high: number, most: number): number[] {
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.ceil((last - first + 1) / most);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, at) => 10 ** (first + at * step));
}

function plain(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(0).replace("e+", "e");
  return String(Number(value.toPrecision(6))).replace("-", "−");
}
