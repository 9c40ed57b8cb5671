import type { LayerFilters } from "../generated/protocol.ts";
import { EpochSeries } from "./series.ts";

/** One layer's filters by epoch, and the same readings as columns for the charts. */
export class LayerFilterHistory {
  readonly byEpoch = new EpochSeries<LayerFilters>();
  /** φ, in step with `byEpoch.epochs`. */
  readonly noiseShare: (number | null)[] = [];
  /** Q of each filter, in step with `byEpoch.epochs`. */
  readonly q: (number | null)[][] = [];

  set(record: LayerFilters): void {
    const fresh = this.byEpoch.set(record.epoch, record);
    const at = this.byEpoch.position(record.epoch);
    const remove = fresh ? 0 : 1;
    this.noiseShare.splice(at, remove, record.noise_share);
    const past = this.byEpoch.length - (fresh ? 1 : 0);
    while (this.q.length < record.filters.length) this.q.push(new Array<null>(past).fill(null));
    this.q.forEach((column, filter) => column.splice(at, remove, record.filters[filter]?.q ?? null));
  }

  delete(epoch: number): void {
    const at = this.byEpoch.position(epoch);
    if (this.byEpoch.epochs[at] !== epoch) return;
    this.byEpoch.delete(epoch);
    this.noiseShare.splice(at, 1);
    for (const column of this.q) column.splice(at, 1);
  }
}

/** Filters of every layer that shows them. */
export class Filters {
  private readonly layers = new Map<string, LayerFilterHistory>();

  apply(record: LayerFilters): void {
    let history = this.layers.get(record.layer);
    if (history === undefined) this.layers.set(record.layer, (history = new LayerFilterHistory()));
    history.set(record);
  }

  forget(epoch: number): void {
    for (const history of this.layers.values()) history.delete(epoch);
  }

  of(layer: string): LayerFilterHistory | undefined {
    return this.layers.get(layer);
  }
}
