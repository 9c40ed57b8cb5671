import type { Scale } from "../../generated/protocol.ts";

/** A reading of feature maps in words. */
export interface ReadingWords {
  label: string;
  meaning: string;
  scale: Scale;
  /** What independent rectified noise reads: what a map reads that has learned nothing. */
  noise?: number;
}

/** By the names that the records use. */
export const READINGS = {
  largest: {
    label: "Largest activation",
    meaning: "The largest activation in size, over images and positions. It has no unit: it is the number that the layer passes on.",
    scale: "linear",
  },
  zero_share: {
    label: "Share of zeros",
    meaning: "Share of the positions at which the map is silent.",
    scale: "share",
    noise: 0.5,
  },
  hoyer: {
    label: "Sparsity (Hoyer)",
    meaning: "0 if all positions respond alike, 1 if a single one does.",
    scale: "linear",
    noise: 0.5,
  },
  treves_rolls: {
    label: "Sparsity (Treves–Rolls)",
    meaning: "0 if all positions respond alike, near 1 if a few do.",
    scale: "linear",
    noise: 0.68,
  },
  gini: {
    label: "Gini",
    meaning: "0 if all positions respond alike, near 1 if a few hold everything.",
    scale: "linear",
    noise: 0.71,
  },
  localisation: {
    label: "Localisation",
    meaning: "How far the response spreads about its centre: 1 like an even plane, below 0.5 the map is localised.",
    scale: "linear",
    noise: 1,
  },
  largest_component: {
    label: "Largest component",
    meaning: "Share of the response that lies in the largest connected patch.",
    scale: "share",
  },
  input_correlation: {
    label: "Like the image",
    meaning: "Correlation with the grey image, −1 to 1. From 0.8 on, either sign, the map is nearly a copy: it has learned little.",
    scale: "signed",
  },
  lifetime_sparseness: {
    label: "Lifetime sparseness",
    meaning: "Sparseness over the images (Treves–Rolls): 0 if all images excite the map alike, near 1 if a few do.",
    scale: "linear",
  },
  input_likeness: {
    label: "Like the images",
    meaning: "Mean correlation with the grey image, without its sign. From 0.8 on the map is nearly a copy: it has learned little.",
    scale: "linear",
  },
} as const satisfies { [name: string]: ReadingWords };

export type ReadingName = keyof typeof READINGS;

export function readingWords(name: string): ReadingWords | undefined {
  return (READINGS as { [name: string]: ReadingWords })[name];
}

/** From here on, either sign, a map is nearly a copy of the image. */
export const COPY = 0.8;
