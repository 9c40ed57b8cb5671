import type { LayerEvolution } from "../generated/protocol.ts";
import { EpochSeries } from "./series.ts";

const FIELDS = [
  "previous",
  "change",
  "floor",
  "weight_change",
  "top_overlap",
  "top_rank_overlap",
  "jumps",
  "projection_similarity",
  "close_since",
  "top_close_since",
] as const;
export type ChangeField = (typeof FIELDS)[number];

/** How like a layer is to what it was in the epochs that are remembered. */
export interface Likeness {
  /** The epoch that the others are compared with. */
  epoch: number;
  byEpoch: EpochSeries<number>;
}

/**
 * One layer's changes, an epoch a row in one block of numbers. Of the comparisons with earlier epochs only
 * the newest are kept: those of all epochs would fill the tab's memory.
 */
export class LayerChanges {
  private readonly slots = new EpochSeries<number>();
  private used = 0;
  private numbers = new Float32Array(16 * FIELDS.length);
  likeness: Likeness | undefined;

  get epochs(): readonly number[] {
    return this.slots.epochs;
  }

  set(record: LayerEvolution): void {
    const slot = this.slots.get(record.epoch) ?? this.used++;
    this.slots.set(record.epoch, slot);
    if ((slot + 1) * FIELDS.length > this.numbers.length) {
      const larger = new Float32Array(2 * this.numbers.length);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    FIELDS.forEach((field, at) => (this.numbers[slot * FIELDS.length + at] = record[field] ?? NaN));
    const byEpoch = new EpochSeries<number>();
    for (const { epoch, similarity } of record.to_earlier) byEpoch.set(epoch, similarity);
    this.likeness = { epoch: record.epoch, byEpoch };
  }

  forget(epoch: number): void {
    this.slots.delete(epoch);
  }

  has(epoch: number): boolean {
    return this.slots.get(epoch) !== undefined;
  }

  /** A reading. `null`: there is none for this layer in this epoch; `undefined`: the epoch was not read. */
  value(field: ChangeField, epoch: number): number | null | undefined {
    const slot = this.slots.get(epoch);
    if (slot === undefined) return undefined;
    const value = this.numbers[slot * FIELDS.length + FIELDS.indexOf(field)]!;
    return Number.isNaN(value) ? null : value;
  }

  /** Whether the layer's change cannot be told although there is something to compare with. */
  isDead(epoch: number): boolean {
    return this.value("change", epoch) === null && this.value("previous", epoch) != null;
  }
}

/** Per layer, how it changes from epoch to epoch. */
export class Changes {
  private readonly layers = new Map<string, LayerChanges>();

  apply(record: LayerEvolution): void {
    let changes = this.layers.get(record.layer);
    if (changes === undefined) this.layers.set(record.layer, (changes = new LayerChanges()));
    changes.set(record);
  }

  forget(epoch: number): void {
    for (const changes of this.layers.values()) changes.forget(epoch);
  }

  of(layer: string): LayerChanges | undefined {
    return this.layers.get(layer);
  }

  /** Whether anything was read. */
  get any(): boolean {
    return this.layers.size > 0;
  }
}
