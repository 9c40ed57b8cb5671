import type { LayerEvolution, LayerState } from "../generated/protocol.ts";
import { ByLayer, type Taking } from "./bylayer.ts";
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
  private readonly states = new EpochSeries<LayerState>();
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
    if (record.state === undefined) this.states.delete(record.epoch);
    else this.states.set(record.epoch, record.state);
  }

  /** Takes how like the layer is to earlier epochs; of the newest record only. */
  look({ epoch, to_earlier }: LayerEvolution): void {
    const byEpoch = new EpochSeries<number>();
    for (const earlier of to_earlier) byEpoch.set(earlier.epoch, earlier.similarity);
    this.likeness = { epoch, byEpoch };
  }

  forget(epoch: number): void {
    this.slots.delete(epoch);
    this.states.delete(epoch);
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

  /** How the layer stood after an epoch, or why that cannot be told; undefined where the recorder did not say. */
  state(epoch: number): LayerState | undefined {
    return this.states.get(epoch);
  }
}

/** Per layer, how it changes from epoch to epoch. */
export class Changes {
  private readonly layers = new ByLayer<LayerEvolution, LayerChanges>({
    make: () => new LayerChanges(),
    put: (changes, record) => changes.set(record),
    drop: (changes, epoch) => changes.forget(epoch),
    latest: (changes, record) => changes.look(record),
    unsay: (changes) => (changes.likeness = undefined),
  });

  apply(record: LayerEvolution, how: Taking): void {
    this.layers.apply(record, how);
  }

  drop(epoch: number, seq: number): void {
    this.layers.drop(epoch, seq);
  }

  leave(from: number, seq: number): void {
    this.layers.leave(from, seq);
  }

  release(layer: string | undefined): void {
    this.layers.release(layer);
  }

  of(layer: string): LayerChanges | undefined {
    return this.layers.of(layer);
  }

  /** Whether anything was read. */
  get any(): boolean {
    return this.layers.size > 0;
  }
}
