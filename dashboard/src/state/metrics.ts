import type { Metric, Split } from "../generated/protocol.ts";
import { EpochSeries } from "./series.ts";

export interface Best {
  epoch: number;
  value: number;
}

/** One metric on one split. */
export class MetricSeries {
  readonly byEpoch = new EpochSeries<number | null>();
  best: Best | undefined;

  set(epoch: number, value: number | null, higherIsBetter: boolean): void {
    this.byEpoch.set(epoch, value);
    if (this.best?.epoch === epoch) {
      this.best = undefined;
      this.byEpoch.epochs.forEach((e, i) => this.compare(e, this.byEpoch.values[i]!, higherIsBetter));
    } else {
      this.compare(epoch, value, higherIsBetter);
    }
  }

  /** Forgets this epoch and later ones. */
  cut(from: number, higherIsBetter: boolean): void {
    this.byEpoch.cut(from);
    this.best = undefined;
    this.byEpoch.epochs.forEach((epoch, i) => this.compare(epoch, this.byEpoch.values[i]!, higherIsBetter));
  }

  private compare(epoch: number, value: number | null, higherIsBetter: boolean): void {
    if (value === null) return;
    const best = this.best;
    const better = best === undefined || (higherIsBetter ? value > best.value : value < best.value);
    if (better) this.best = { epoch, value };
  }
}

/** A metric as the training names it, on both splits. */
export interface NamedMetric {
  name: string;
  unit: string | null;
  higherIsBetter: boolean;
  splits: Partial<{ [split in Split]: MetricSeries }>;
}

/**
 * Whether a metric tells how good a network is, by the names of those with validation. Where there is any, what only
 * the training has is how it was trained: a learning rate is not a result.
 */
export function isResult(name: string, validated: ReadonlySet<string>): boolean {
  return validated.size === 0 || validated.has(name);
}

/** All metrics, in the order in which they first appeared. */
export class Metrics {
  readonly all = new Map<string, NamedMetric>();
  newestEpoch = 0;

  /** The names of those that were measured on the validation data. */
  get validated(): Set<string> {
    return new Set([...this.all.values()].filter(({ splits }) => splits.valid !== undefined).map(({ name }) => name));
  }

  /** The run was continued from an earlier epoch. */
  leave(from: number): void {
    for (const [name, { splits, higherIsBetter }] of this.all) {
      for (const split of Object.keys(splits) as Split[]) {
        splits[split]!.cut(from, higherIsBetter);
        if (splits[split]!.byEpoch.length === 0) delete splits[split];
      }
      if (Object.keys(splits).length === 0) this.all.delete(name);
    }
    const series = [...this.all.values()].flatMap(({ splits }) => Object.values(splits));
    this.newestEpoch = Math.max(0, ...series.map(({ byEpoch }) => byEpoch.epochs.at(-1)!));
  }

  apply(record: Metric): void {
    this.newestEpoch = Math.max(this.newestEpoch, record.epoch);
    let metric = this.all.get(record.name);
    if (metric === undefined) {
      metric = { name: record.name, unit: null, higherIsBetter: record.higher_is_better, splits: {} };
      this.all.set(record.name, metric);
    }
    metric.unit = record.unit ?? metric.unit;
    const series = (metric.splits[record.split] ??= new MetricSeries());
    series.set(record.epoch, record.value, record.higher_is_better);
  }
}
