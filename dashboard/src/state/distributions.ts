import type { LayerDistributions as Recorded } from "../generated/protocol.ts";
import { ByLayer, type Taking } from "./bylayer.ts";
import { EpochSeries } from "./series.ts";

/** 5th, 25th, 50th, 75th and 95th percentile over the live maps. */
export type Percentiles = [p5: number, p25: number, p50: number, p75: number, p95: number];
const WIDTH = 5;

/** How one layer's readings are distributed, an epoch a row in one block of numbers per reading. */
export class LayerDistributions {
  private readonly slots = new EpochSeries<number>();
  private readonly blocks = new Map<string, Float32Array<ArrayBuffer>>();
  private readonly lives: number[] = [];

  get epochs(): readonly number[] {
    return this.slots.epochs;
  }

  /** The readings that any epoch has. */
  get names(): string[] {
    return [...this.blocks.keys()];
  }

  set({ epoch, live, readings }: Recorded): void {
    const slot = this.slots.get(epoch) ?? this.lives.length;
    this.slots.set(epoch, slot);
    this.lives[slot] = live;
    for (const name of this.blocks.keys()) this.write(name, slot, undefined);
    for (const [name, percentiles] of Object.entries(readings)) this.write(name, slot, percentiles);
  }

  forget(epoch: number): void {
    this.slots.delete(epoch);
  }

  /** Number of live maps. */
  live(epoch: number): number | undefined {
    const slot = this.slots.get(epoch);
    return slot === undefined ? undefined : this.lives[slot];
  }

  /** A reading's percentiles. `null`: no map has it in this epoch; `undefined`: the epoch was not read. */
  at(name: string, epoch: number): Percentiles | null | undefined {
    const slot = this.slots.get(epoch);
    if (slot === undefined) return undefined;
    const block = this.blocks.get(name);
    const found = block?.subarray(slot * WIDTH, (slot + 1) * WIDTH);
    return found === undefined || found.length < WIDTH || Number.isNaN(found[0]) ? null : ([...found] as Percentiles);
  }

  private write(name: string, slot: number, percentiles: readonly number[] | undefined): void {
    let block = this.blocks.get(name);
    if (block === undefined || block.length < (slot + 1) * WIDTH) {
      const larger = new Float32Array(Math.max(16, 2 * (slot + 1)) * WIDTH).fill(NaN);
      if (block !== undefined) larger.set(block);
      this.blocks.set(name, (block = larger));
    }
    for (let at = 0; at < WIDTH; at++) block[slot * WIDTH + at] = percentiles?.[at] ?? NaN;
  }
}

/** Per layer, how the readings of its live feature maps are distributed, by epoch. */
export class Distributions {
  private readonly layers = new ByLayer<Recorded, LayerDistributions>({
    make: () => new LayerDistributions(),
    put: (layer, record) => layer.set(record),
    drop: (layer, epoch) => layer.forget(epoch),
  });

  apply(record: Recorded, how: Taking): void {
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

  of(layer: string): LayerDistributions | undefined {
    return this.layers.of(layer);
  }
}
