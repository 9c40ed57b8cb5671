import type { Atlas, LayerFeatures } from "../generated/protocol.ts";
import { EpochSeries } from "./series.ts";
import { PackedUnits } from "./units.ts";

/** What one layer showed after one epoch. */
export interface FeatureEpoch {
  strongest: PackedUnits;
  followed: PackedUnits;
  atlas: Atlas;
}

/** Per layer, what excited its feature maps, by epoch. */
export class Features {
  private readonly layers = new Map<string, EpochSeries<FeatureEpoch>>();

  apply(record: LayerFeatures): void {
    let series = this.layers.get(record.layer);
    if (series === undefined) this.layers.set(record.layer, (series = new EpochSeries()));
    series.set(record.epoch, {
      strongest: new PackedUnits(record.strongest),
      followed: new PackedUnits(record.followed),
      atlas: record.atlas,
    });
  }

  forget(epoch: number): void {
    for (const series of this.layers.values()) series.delete(epoch);
  }

  of(layer: string): EpochSeries<FeatureEpoch> | undefined {
    return this.layers.get(layer);
  }
}
