import type { OcclusionSheet } from "../../generated/protocol.ts";
import { extreme, type Curve } from "./colours.ts";
import { shares, unitOf, valueWords, type Unit } from "./words.ts";

/** A map that is shown small, with what to say of it. */
export interface Reading {
  curve: Curve;
  unit: Unit;
  /** The map or what the whole image reads, and the least that a square leaves. */
  words: readonly [string, string];
}

/** The map of the prediction, or of a layer; undefined if it was not read. */
export function readingOf({ prediction, layers }: OcclusionSheet, layer: string | undefined): Reading | undefined {
  if (layer === undefined) {
    if (prediction === null) return undefined;
    const curve = { clean: prediction.clean, values: prediction.probabilities };
    const unit = unitOf(prediction);
    return { curve, unit, words: [`uncovered ${valueWords(curve.clean, unit)}`, downTo(curve, unit)] };
  }
  const view = layers.find((each) => each.layer === layer);
  if (view === undefined) return undefined;
  const { unit, whole: _, ...curve } = shares(view);
  return { curve, unit, words: [`map ${view.map}`, downTo(curve, unit)] };
}

function downTo({ values }: Curve, unit: Unit): string {
  return `down to ${valueWords(extreme(values, 1), unit)}`;
}
