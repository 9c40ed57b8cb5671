import type { Layer } from "../generated/protocol.ts";
import type { Model } from "../state/model.ts";
import { go, route } from "./navigate.ts";
import { nearest, select } from "./selection.ts";

/** The followed map that is looked at. */
export function followedMap(layer: Layer, wanted: number | undefined): number | undefined {
  return layer.followed.find((map) => map === wanted) ?? layer.followed[0];
}

/** The epoch that the selected one is shown beside: the wanted one or the first that has pictures. */
export function againstEpoch(model: Model, layer: Layer, wanted: number | undefined): number | undefined {
  const epochs = model.features.of(layer.name)?.epochs ?? [];
  return wanted === undefined ? epochs[0] : nearest(epochs, wanted);
}

export function stepMap(model: Model, by: number): boolean {
  const { layer } = select(model, route.peek());
  if (layer === undefined) return false;
  const at = layer.followed.indexOf(followedMap(layer, route.peek().map) ?? -1) + by;
  const next = layer.followed[at];
  if (next !== undefined) go({ map: next });
  return true;
}

export function swapEpochs(model: Model): boolean {
  const { layer, epoch } = select(model, route.peek());
  if (layer === undefined || epoch === undefined) return false;
  const against = againstEpoch(model, layer, route.peek().against);
  if (against !== undefined) go({ epoch: against, against: epoch });
  return true;
}
