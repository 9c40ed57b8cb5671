import type { FilterState } from "../../generated/protocol.ts";

/** How a filter's state is shown: never by colour alone. */
export interface StateLook {
  letter: string;
  name: string;
  /** Colour variable of the style sheet. */
  colour: string;
  meaning: string;
}

export const STATES: { [state in FilterState]: StateLook } = {
  not_finite: { letter: "!", name: "not finite", colour: "broken", meaning: "a weight is NaN or infinite" },
  dead: {
    letter: "D",
    name: "zero or still",
    colour: "dead",
    meaning: "recorded by an earlier version: all weights are zero, or have not changed for two epochs",
  },
  zero: { letter: "0", name: "all zeros", colour: "dead", meaning: "all weights are zero" },
  still: {
    letter: "D",
    name: "stands still",
    colour: "dead",
    meaning: "for two epochs or longer the weights have not changed at all, or only shrunk as weight decay makes them",
  },
  stuck: {
    letter: "K",
    name: "stuck",
    colour: "stuck",
    meaning: "has hardly moved from its initial weights: by less than a thousandth",
  },
  exploding: {
    letter: "E",
    name: "large",
    colour: "exploding",
    meaning: "much larger than the layer's other filters, or than the layer was at the start",
  },
  duplicate: {
    letter: "=",
    name: "duplicate",
    colour: "duplicate",
    meaning: "nearly the same as another filter, up to its sign",
  },
  noise_like: {
    letter: "N",
    name: "noise-like",
    colour: "noise",
    meaning: "cannot be told from independent random weights",
  },
  oscillating: {
    letter: "O",
    name: "oscillating",
    colour: "oscillating",
    meaning: "alternates from pixel to pixel: a real fine pattern, or aliasing by the stride",
  },
  smooth: {
    letter: "S",
    name: "smooth",
    colour: "smooth",
    meaning: "neighbouring weights agree far more often than chance: a learned pattern",
  },
  not_judged: {
    letter: "–",
    name: "not judged",
    colour: "ink-3",
    meaning: "the test does not apply (too few weights, a single row or column, or input pixels that are unrelated), and nothing else is the matter",
  },
};
