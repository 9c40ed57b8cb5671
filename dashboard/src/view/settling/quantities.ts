import { ramp, type Ramp } from "../../charts/ramp.ts";
import type { Scale } from "../../generated/protocol.ts";
import type { ChangeField, LayerChanges } from "../../state/changes.ts";

/** Something that the clock can show. */
export interface Quantity {
  id: string;
  label: string;
  /** What it says, and in which unit. */
  meaning: string;
  scale: Extract<Scale, "logarithmic" | "share" | "linear">;
  /** Large values mean likeness, not change. */
  likeness: boolean;
  /** Where it is on record; `undefined`: it is the layer's likeness to its newest epoch. */
  field: ChangeField | undefined;
}

export const QUANTITIES: readonly Quantity[] = [
  {
    id: "change",
    label: "Change of representation",
    meaning:
      "v = 1 − CKA of this epoch and the one read before, per epoch: how much of what the layer says about the probe images is new. 0: nothing; 1: everything. No unit.",
    scale: "logarithmic",
    likeness: false,
    field: "change",
  },
  {
    id: "weights",
    label: "Change of weights",
    meaning: "How far the layer's weights moved since the epoch read before, as a part of their size: ‖W(t) − W(t−1)‖ ÷ ‖W(t−1)‖. No unit.",
    scale: "logarithmic",
    likeness: false,
    field: "weight_change",
  },
  {
    id: "overlap",
    label: "Same strongest images",
    meaning:
      "Of a map's nine strongest probe images now and before, the share that is in both lists; the mean over the live maps. 100 %: the same images; 0 %: all others.",
    scale: "share",
    likeness: true,
    field: "top_overlap",
  },
  {
    id: "jumps",
    label: "Jumps",
    meaning: "The share of live maps whose strongest image is another one than before.",
    scale: "share",
    likeness: false,
    field: "jumps",
  },
  {
    id: "projections",
    label: "Likeness of projections",
    meaning:
      "How alike the projections of the same image look now and before: cosine, less the cosine of mismatched images; the mean over the followed maps. About 1: the same picture; 0: no more alike than any two. No unit.",
    scale: "linear",
    likeness: true,
    field: "projection_similarity",
  },
  {
    id: "now",
    label: "Likeness to now",
    meaning:
      "Looking back from the newest epoch: CKA with every earlier epoch that is remembered (at most 33). 1: the layer already was what it is now; 0: nothing in common. No unit.",
    scale: "linear",
    likeness: true,
    field: undefined,
  },
];

export function quantityOf(id: string | undefined): Quantity {
  return QUANTITIES.find((quantity) => quantity.id === id) ?? QUANTITIES[0]!;
}

/** A layer's reading. `null`: there is none for this layer in this epoch; `undefined`: the epoch was not read. */
export function valueOf(quantity: Quantity, changes: LayerChanges, epoch: number): number | null | undefined {
  if (quantity.field !== undefined) return changes.value(quantity.field, epoch);
  return changes.likeness?.byEpoch.get(epoch);
}

/** Changes of less than a thousandth of the largest are all drawn in the darkest colour. */
const DECADES = 3;

/** The least that the brightest colour stands for: frozen layers change by the rounding of 32-bit numbers, a millionth or less. */
const LEAST_BRIGHT = 1e-4;

/** The colours: bright is change, dark is rest, whichever the quantity. */
export function rampOf(quantity: Quantity, layers: readonly LayerChanges[]): Ramp {
  if (quantity.scale !== "logarithmic") return ramp("linear", 0, 1, { reversed: quantity.likeness });
  let [least, most] = [Infinity, 0];
  for (const changes of layers) {
    for (const epoch of changes.epochs) {
      const value = valueOf(quantity, changes, epoch);
      if (value == null || value <= 0) continue;
      [least, most] = [Math.min(least, value), Math.max(most, value)];
    }
  }
  if (most === 0) return ramp("logarithmic", 0.001, 1);
  return ramp("logarithmic", least, Math.max(most, LEAST_BRIGHT), { decades: DECADES });
}
