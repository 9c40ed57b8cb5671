import type { LayerFilters, SmoothnessTest } from "../generated/protocol.ts";
import { ByLayer, type Taking } from "./bylayer.ts";
import { PackedReadings } from "./readings.ts";
import { EpochSeries } from "./series.ts";

/** One layer's filters after one epoch. */
export interface FilterEpoch extends Pick<LayerFilters, "picture" | "atlas" | "scale"> {
  readings: PackedReadings;
  test: SmoothnessTest;
}

/** Per layer, its filters by epoch. */
export class Filters {
  private readonly layers = new ByLayer<LayerFilters, EpochSeries<FilterEpoch>>({
    make: () => new EpochSeries(),
    put(series, { epoch, picture, atlas, scale, readings, test }) {
      // The test hardly ever changes; it is not kept a thousand times.
      const known = series.last?.test;
      const same = known !== undefined && JSON.stringify(known) === JSON.stringify(test);
      series.set(epoch, { picture, atlas, scale, readings: new PackedReadings(readings), test: same ? known : test });
    },
    drop: (series, epoch) => series.delete(epoch),
  });

  apply(record: LayerFilters, how: Taking): void {
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

  of(layer: string): EpochSeries<FilterEpoch> | undefined {
    return this.layers.of(layer);
  }
}
