import { UNITS, type Meaning } from "../../pictures/meaning.ts";
import type { FilterEpoch } from "../../state/filters.ts";

/** What the tiles of a layer's filters stand for: all of them have one scale. */
export function filterMeaning({ picture, scale }: FilterEpoch): Meaning {
  return { kind: "signed", scale, unit: picture === "weights" ? UNITS.weight : UNITS.pattern };
}
