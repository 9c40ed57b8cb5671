import { percent, reading } from "../../state/value.ts";
import type { OccludedPrediction } from "../../generated/protocol.ts";
import type { Curve } from "./colours.ts";

/** How the numbers of a map are said: probabilities, shares of the whole image's sum, or numbers as they are. */
export type Unit = "probability" | "share" | "number";

/** In which unit a prediction is said. */
export function unitOf({ quantity }: OccludedPrediction): Unit {
  return quantity === "number" ? "number" : "probability";
}

/** A value in its unit. */
export function valueWords(value: number | null, unit: Unit): string {
  if (value === null) return "not finite";
  return unit === "number" ? reading(value, "linear") : percent(value);
}

/** "falls by 62.1 points": what the square takes away. */
export function dropWords(clean: number | null, value: number | null, unit: Unit): string {
  if (clean === null || value === null) return "cannot be compared";
  const drop = clean - value;
  if (drop === 0) return "unchanged";
  const size = unit === "number" ? reading(Math.abs(drop), "linear") : percent(Math.abs(drop));
  return `${drop > 0 ? "falls" : "rises"} by ${unit === "probability" ? size.replace(" %", " points") : size}`;
}

/** The ends of a diverging scale: "62.1 points". */
export function amount(scale: number, unit: Unit): string {
  return unit === "probability" ? percent(scale).replace(" %", " points") : unit === "share" ? percent(scale) : reading(scale, "linear");
}

/** A layer's sums, as shares of that of the whole image if it has one to be shared. */
export function shares({ clean, sums }: { clean: number | null; sums: readonly (number | null)[] }): Curve & { unit: Unit; whole: number } {
  if (clean === null || clean <= 0) return { clean, values: sums, unit: "number", whole: 1 };
  return { clean: 1, values: sums.map((sum) => (sum === null ? null : sum / clean)), unit: "share", whole: clean };
}

/** A correlation or an overlap. */
export function two(value: number): string {
  return value.toFixed(2).replace("-", "−");
}
