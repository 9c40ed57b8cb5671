import type { Alert } from "../generated/protocol.ts";
import type { Model } from "./model.ts";

/** The filters or feature maps that a statistic is about in an epoch. */
export function found(model: Model, layer: string, epoch: number, statistic: string): readonly number[] {
  const units = model.health.of(layer)?.get(epoch)?.units[statistic];
  if (units !== undefined) return units;
  return said(model, layer, epoch, statistic)?.units ?? [];
}

/** What the alert about a statistic of a layer last said, if there was one in that epoch. */
function said(model: Model, layer: string, epoch: number, statistic: string): Alert | undefined {
  const episode = model.alerts
    .about(statistic, layer)
    .findLast(({ since, end }) => since <= epoch && (end === undefined || epoch < end));
  return episode?.events.findLast((event) => event.epoch <= epoch);
}
