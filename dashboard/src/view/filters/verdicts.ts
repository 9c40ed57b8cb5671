import type { SmoothnessVerdict } from "../../generated/protocol.ts";

/** How a verdict is shown: never by colour alone. */
export interface VerdictLook {
  letter: string;
  name: string;
  /** Colour variable of the style sheet. */
  colour: string;
  meaning: string;
}

export const VERDICTS: { [verdict in SmoothnessVerdict]: VerdictLook } = {
  smooth: {
    letter: "S",
    name: "smooth",
    colour: "smooth",
    meaning: "neighbouring weights agree far more often than chance: a learned pattern",
  },
  oscillating: {
    letter: "O",
    name: "oscillating",
    colour: "oscillating",
    meaning: "weights alternate from pixel to pixel: a real high-frequency filter, or aliasing by the stride",
  },
  noise_like: {
    letter: "N",
    name: "noise-like",
    colour: "noise",
    meaning: "cannot be told from independent random weights",
  },
  dead: { letter: "D", name: "dead", colour: "dead", meaning: "all weights are zero" },
  not_finite: { letter: "!", name: "not finite", colour: "broken", meaning: "a weight is NaN or infinite" },
  not_applicable: {
    letter: "–",
    name: "not applicable",
    colour: "dead",
    meaning: "the kernel has too few weights to judge",
  },
};
