import type { LayerHealth, LayerState } from "../generated/protocol.ts";
import { ByLayer, type Taking } from "./bylayer.ts";
import type { Epochs } from "./epochs.ts";
import { EpochSeries } from "./series.ts";

/** A layer's numbers after one epoch. */
export type HealthEpoch = Pick<LayerHealth, "values" | "units" | "state">;

/** A statistic over epochs. `null`: not a finite number; `undefined`: no reading. */
export interface History {
  epochs: number[];
  values: (number | null | undefined)[];
}

/** Per layer, its health in numbers by epoch. */
export class Health {
  private readonly layers = new ByLayer<LayerHealth, EpochSeries<HealthEpoch>>({
    make: () => new EpochSeries(),
    put: (series, { epoch, values, units, state }) => void series.set(epoch, { values, units, ...(state !== undefined && { state }) }),
    drop: (series, epoch) => series.delete(epoch),
  });

  apply(record: LayerHealth, how: Taking): void {
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

  of(layer: string): EpochSeries<HealthEpoch> | undefined {
    return this.layers.of(layer);
  }

  /** What is to be said of a layer's activations after its newest epoch; undefined if nothing is. */
  state(layer: string): LayerState | undefined {
    return this.of(layer)?.values.at(-1)?.state;
  }

  /** Whether anything was ever read of the statistic in this layer. */
  has(layer: string, statistic: string): boolean {
    return this.of(layer)?.values.some(({ values }) => statistic in values) ?? false;
  }

  /** A statistic of a layer. Epochs that were dropped or failed are there, without a reading. */
  history(layer: string, statistic: string, all: Epochs): History {
    const series = this.of(layer) ?? new EpochSeries<HealthEpoch>();
    const broken = all.states.epochs.filter((epoch) => all.isBroken(epoch) && series.get(epoch) === undefined);
    const epochs = broken.length === 0 ? series.epochs.slice() : [...series.epochs, ...broken].sort((a, b) => a - b);
    return { epochs, values: epochs.map((epoch) => series.get(epoch)?.values[statistic]) };
  }
}
