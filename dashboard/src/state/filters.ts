import type { LayerFilters, SmoothnessTest } from "../generated/protocol.ts";
import { PackedReadings } from "./readings.ts";
import { EpochSeries } from "./series.ts";

/** One layer's filters after one epoch. */
export interface FilterEpoch extends Pick<LayerFilters, "picture" | "atlas" | "scale"> {
  readings: PackedReadings;
  test: SmoothnessTest;
}

/** Per layer, its filters by epoch. */
export class Filters {
  private readonly layers = new Map<string, EpochSeries<FilterEpoch>>();

  apply({ epoch, layer, picture, atlas, scale, readings, test }: LayerFilters): void {
    let series = this.layers.get(layer);
    if (series === undefined) this.layers.set(layer, (series = new EpochSeries()));
    // The test hardly ever changes; it is not kept a thousand times.
    const known = series.last?.test;
    const same = known !== undefined && JSON.stringify(known) === JSON.stringify(test);
    series.set(epoch, { picture, atlas, scale, readings: new PackedReadings(readings), test: same ? known : test });
  }

  forget(epoch: number): void {
    for (const series of this.layers.values()) series.delete(epoch);
  }

  of(layer: string): EpochSeries<FilterEpoch> | undefined {
    return this.layers.get(layer);
  }
}
