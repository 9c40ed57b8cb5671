import type { Atlas, LayerFeatures } from "../generated/protocol.ts";
import { ByLayer, type Taking } from "./bylayer.ts";
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
  private readonly layers = new ByLayer<LayerFeatures, EpochSeries<FeatureEpoch>>({
    make: () => new EpochSeries(),
    put: (series, { epoch, strongest, followed, atlas }) =>
      void series.set(epoch, { strongest: new PackedUnits(strongest), followed: new PackedUnits(followed), atlas }),
    drop: (series, epoch) => series.delete(epoch),
  });

  apply(record: LayerFeatures, how: Taking): void {
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

  of(layer: string): EpochSeries<FeatureEpoch> | undefined {
    return this.layers.of(layer);
  }
}
