import type { Basis, BasisSheet, DirectionView, FieldStatus } from "../../generated/protocol.ts";
import { pointsWords } from "./scale.ts";

/** What a basis is called, and what it means. */
export const BASIS_WORDS: { [basis in Basis]: { name: string; meaning: string } } = {
  raw: {
    name: "Raw",
    meaning:
      "The layer's answers as the network computes them; units that answer loudly weigh most in a mixture. This is the comparison of the paper.",
  },
  standardised: {
    name: "Standardised",
    meaning: "Each unit is first divided by how much it varies, so that loud units do not rule the mixtures.",
  },
  whitened: {
    name: "Whitened",
    meaning:
      "What units have in common is taken out first, so that every direction varies as much as any other: a random mixture cannot borrow from a few strong ones.",
  },
};

/** "+3 (−2 to +8)". */
export function differenceWords({ difference, low, high }: BasisSheet): string {
  if (difference === null) return "not known";
  if (low === null || high === null) return pointsWords(difference);
  return `${pointsWords(difference)} (${pointsWords(low)} to ${pointsWords(high)})`;
}

/** How many of a direction's images are of its commonest class; undefined without labels. */
export function agreeing({ purity, hits }: DirectionView): number | undefined {
  return purity === null ? undefined : Math.round(purity * hits.length);
}

/** How far the boxes can be trusted; undefined if they are exact. */
export const FIELD_WORDS: { [status in FieldStatus]: string | undefined } = {
  exact: undefined,
  upper_bound: "It sees at most what is in the box.",
  data_dependent: "How much of the box it sees depends on the image.",
};
