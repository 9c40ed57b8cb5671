import type { AlertRule, NullBand, Statistic, Watchlist } from "../generated/protocol.ts";

/** The watchlist of the newest start, to look things up in. */
export class Watched {
  /** Those of layers. */
  readonly statistics: readonly Statistic[];
  private readonly all: readonly Statistic[];
  readonly rules: readonly AlertRule[];
  private readonly nulls: readonly NullBand[];

  constructor({ statistics, rules, nulls }: Watchlist) {
    this.all = statistics;
    this.statistics = statistics.filter(({ subject }) => subject !== "network");
    this.rules = rules;
    this.nulls = nulls;
  }

  statistic(name: string | undefined): Statistic | undefined {
    return this.all.find((statistic) => statistic.name === name);
  }

  rule(id: string): AlertRule | undefined {
    return this.rules.find((rule) => rule.id === id);
  }

  /** The rules that look at a statistic of a layer; not the ones switched off. */
  rulesOn(statistic: string, layer: string): AlertRule[] {
    return this.rules.filter(({ metric, layers, silenced }) => metric === statistic && layers.includes(layer) && !silenced);
  }

  /** What random weights would read. */
  band(statistic: string, layer: string): NullBand | undefined {
    return this.nulls.find((each) => each.statistic === statistic && each.layer === layer);
  }

  /** All layers that a rule looks at. */
  layers(): Set<string> {
    return new Set(this.rules.filter(({ silenced }) => !silenced).flatMap(({ layers }) => layers));
  }
}
