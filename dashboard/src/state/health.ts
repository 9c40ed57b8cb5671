import type { LayerHealth } from "../generated/protocol.ts";
import type { Epochs } from "./epochs.ts";
import { EpochSeries } from "./series.ts";

/** A layer's numbers after one epoch. */
export type HealthEpoch = Pick<LayerHealth, "values" | "units">;

/** A statistic over epochs. `null`: not a finite number; `undefined`: no reading. */
export interface History {
  epochs: number[];
  values: (number | null | undefined)[];
}

/** Per layer, its health in numbers by epoch. */
export class Health {
  private readonly layers = new Map<string, EpochSeries<HealthEpoch>>();

  apply({ epoch, layer, values, units }: LayerHealth): void {
    let series = this.layers.get(layer);
    if (series === undefined) this.layers.set(layer, (series = new EpochSeries()));
    series.set(epoch, { values, units });
  }

  forget(epoch: number): void {
    for (const series of this.layers.values()) series.delete(epoch);
  }

  of(layer: string): EpochSeries<HealthEpoch> | undefined {
    return this.layers.get(layer);
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
