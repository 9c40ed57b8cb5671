import type { Statistic, Subject } from "../../generated/protocol.ts";
import type { Model } from "../../state/model.ts";

/** The statistics of a layer that something was read of, and those that do not apply to it, in the watchlist's order. */
export function statisticsOf(model: Model, layer: string, subject: Subject): { shown: Statistic[]; absent: Statistic[] } {
  const all = model.watched?.statistics.filter((statistic) => statistic.subject === subject) ?? [];
  const shown = all.filter(({ name }) => model.health.has(layer, name));
  return { shown, absent: all.filter((statistic) => !shown.includes(statistic)) };
}
