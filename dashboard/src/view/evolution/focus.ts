import { signal } from "@preact/signals";
import type { Atlas, Layer, UnitView } from "../../generated/protocol.ts";
import type { Model } from "../../state/model.ts";
import { classNameOf } from "../../state/outputs.ts";
import type { Route } from "../../navigation/route.ts";

/** A unit that is looked at, with the pictures it points into. */
export interface Focus {
  epoch: number;
  unit: UnitView;
  atlas: Atlas;
}

/** The cell under the pointer: an epoch, and a followed map or a place in the ranking. */
export interface Hovered {
  layer: string;
  epoch: number;
  map?: number;
  rank?: number;
}
export const hovered = signal<Hovered | undefined>(undefined);

/** The unit under the pointer, otherwise the selected map at the selected epoch. */
export function focus(model: Model, layer: Layer, epoch: number | undefined, route: Route): Focus | undefined {
  const pointer = hovered.value?.layer === layer.name ? hovered.value : undefined;
  const at = pointer?.epoch ?? epoch;
  const features = at === undefined ? undefined : model.features.of(layer.name)?.get(at);
  if (features === undefined || at === undefined) return undefined;
  const ranked = pointer === undefined ? route.rows === "strongest" : pointer.rank !== undefined;
  const map = pointer?.map ?? route.map;
  const unit = ranked
    ? features.strongest.get(pointer?.rank ?? rankOf(features.strongest.all(), map))
    : features.followed.ofMap(map ?? layer.followed[0] ?? -1, layer.followed.indexOf(map ?? -1));
  return unit && { epoch: at, unit, atlas: features.atlas };
}

function rankOf(units: UnitView[], map: number | undefined): number {
  return Math.max(0, units.findIndex((unit) => unit.map === map));
}

/** "12 · disc": a probe image by number and, if known, by class. */
export function className(model: Model, image: number): string | undefined {
  const probe = model.run?.probe;
  const label = probe?.labels[image];
  return label === undefined ? undefined : classNameOf(probe?.class_names ?? [], label);
}
