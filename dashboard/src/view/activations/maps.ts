import type { ActivationSheet, MapView } from "../../generated/protocol.ts";
import { COPY } from "../maps/readings.ts";
import type { Order } from "../maps/order.ts";
import { inOrder } from "../maps/order.ts";

/** What is to be said of a map before all else. */
export function stateOf({ dead, input_correlation }: MapView): "dead" | "copy" | "live" {
  if (dead) return "dead";
  return Math.abs(input_correlation ?? 0) >= COPY ? "copy" : "live";
}

export const ORDERS: readonly Order<MapView>[] = [
  { id: "map", label: "by number", value: (_, map) => map, descending: false },
  { id: "strongest", label: "strongest first", value: ({ scale }) => scale, descending: true },
  { id: "localised", label: "most localised first", value: ({ localisation }) => localisation, descending: false },
  { id: "sparsest", label: "sparsest first", value: ({ hoyer }) => hoyer, descending: true },
  { id: "copies", label: "most like the image first", value: ({ input_correlation: c }) => (c === null ? null : Math.abs(c)), descending: true },
];

/** Which maps are shown: by the route's `only`. */
export const KINDS: readonly { id: string | undefined; label: string; title: string; holds: (view: MapView) => boolean }[] = [
  { id: undefined, label: "all", title: "All feature maps of the layer", holds: () => true },
  { id: "live", label: "live", title: "Some probe image excites the map, or it cannot be told that none does", holds: ({ dead }) => !dead },
  { id: "dead", label: "dead", title: "No probe image excites the map", holds: ({ dead }) => dead },
  { id: "copies", label: "near copies", title: "The map is nearly a copy of the image", holds: (view) => stateOf(view) === "copy" },
];

/** The maps to show, by number, in order. */
export function shownMaps({ maps }: ActivationSheet, only: string | undefined, sort: string | undefined): number[] {
  const kind = KINDS.find(({ id }) => id === only) ?? KINDS[0]!;
  const numbers = maps.map((_, map) => map).filter((map) => kind.holds(maps[map]!));
  return inOrder(maps, numbers, ORDERS.find(({ id }) => id === sort) ?? ORDERS[0]!);
}

/** The largest |activation| of all maps: the scale that they share. */
export function sharedScale({ maps }: ActivationSheet): number {
  return maps.reduce((most, { scale }) => Math.max(most, scale ?? 0), 0);
}

/** How far into the ramp a map's white reaches. */
export function reachOf(sheet: ActivationSheet, map: number, shared: boolean): number {
  const most = sharedScale(sheet);
  return shared && most > 0 ? (sheet.maps[map]?.scale ?? 0) / most : 1;
}
