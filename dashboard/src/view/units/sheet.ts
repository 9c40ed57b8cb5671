import type { MapReadings, UnitHit, UnitSheet, UnitTops } from "../../generated/protocol.ts";
import { COPY } from "../maps/readings.ts";
import { inOrder, type Order } from "../maps/order.ts";

/** What a study says of one map. */
export interface UnitEntry {
  tops: UnitTops;
  readings: { [name in Exclude<keyof MapReadings, "dead">]: number | null };
  dead: boolean;
}

/** The entries of a study, by map: a study of one map has only that one. */
export function entriesOf(sheet: UnitSheet): Map<number, UnitEntry> {
  return new Map(sheet.units.map((tops, at) => [tops.map, entryAt(sheet, at)]));
}

/** What a study says of a map. */
export function entryOf(sheet: UnitSheet, map: number): UnitEntry | undefined {
  const at = sheet.units.findIndex((tops) => tops.map === map);
  return at < 0 ? undefined : entryAt(sheet, at);
}

function entryAt({ units, readings }: UnitSheet, at: number): UnitEntry {
  const { dead, ...lists } = readings;
  const values = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list[at] ?? null]));
  return { tops: units[at]!, dead: dead[at] ?? false, readings: values as UnitEntry["readings"] };
}

/** Whether there are pictures of the map's top images. */
export function hasPictures({ hits }: UnitTops): boolean {
  return hits.length === 0 || hits.some(({ patch }) => patch !== null);
}

/** Whether a patch reaches beyond the image: there the unit sees only the network's padding. */
export function atBorder({ field }: UnitHit, [height, width]: readonly [number, number]): boolean {
  return field.top < 0 || field.left < 0 || field.top + field.height > height || field.left + field.width > width;
}

/** Whether the patch shows some of the padding: a field as large as the image is shown without. */
export function isHatched({ field: { top, left, height, width } }: UnitHit, [high, wide]: readonly [number, number]): boolean {
  const over = (first: number, length: number, extent: number): boolean => length < extent && (first < 0 || first + length > extent);
  return over(top, height, high) || over(left, width, wide);
}

export const isCopy = ({ dead, readings }: UnitEntry): boolean => !dead && (readings.input_likeness ?? 0) >= COPY;
export const isDoubtful = ({ tops }: UnitEntry): boolean => tops.hits.some(({ reproduced }) => !reproduced);

export const ORDERS: readonly Order<UnitEntry>[] = [
  { id: "map", label: "by number", value: (_, map) => map, descending: false },
  { id: "largest", label: "largest activation first", value: ({ readings }) => readings.largest, descending: true },
  { id: "lifetime", label: "largest lifetime sparseness first", value: ({ readings }) => readings.lifetime_sparseness, descending: true },
  { id: "localised", label: "most localised first", value: ({ readings }) => readings.localisation, descending: false },
  { id: "sparsest", label: "sparsest first", value: ({ readings }) => readings.hoyer, descending: true },
  { id: "copies", label: "most like the images first", value: ({ readings }) => readings.input_likeness, descending: true },
  { id: "changed", label: "most changed first", value: ({ tops }) => tops.churn, descending: true },
];

interface Kind {
  id: string | undefined;
  label: string;
  title: string;
  holds: (entry: UnitEntry) => boolean;
}

/** Which maps are shown: by the route's `only`. */
export const KINDS: readonly Kind[] = [
  { id: undefined, label: "all", title: "All feature maps of the layer", holds: () => true },
  { id: "live", label: "live", title: "Some probe image excites the map, or it cannot be told that none does", holds: ({ dead }) => !dead },
  { id: "dead", label: "dead", title: "No probe image excites the map", holds: ({ dead }) => dead },
  { id: "copies", label: "near copies", title: "The map is nearly a copy of the image", holds: isCopy },
  { id: "changed", label: "changed", title: "Some of the top images are new since the earlier study", holds: ({ tops }) => (tops.churn ?? 0) > 0 },
  { id: "doubtful", label: "not reproduced", title: "A second look at an image did not find the same activation", holds: isDoubtful },
];

/** The maps to show, by number, in order. */
export function shownUnits(entries: ReadonlyMap<number, UnitEntry>, only: string | undefined, sort: string | undefined): number[] {
  const { holds } = KINDS.find(({ id }) => id === only) ?? KINDS[0]!;
  const numbers = [...entries].filter(([, entry]) => holds(entry)).map(([map]) => map);
  const items: UnitEntry[] = [];
  for (const [map, entry] of entries) items[map] = entry;
  return inOrder(items, numbers, ORDERS.find(({ id }) => id === sort) ?? ORDERS[0]!);
}

/** At most `most` of the epochs, evenly spaced, with the first and the last. */
export function evenly(epochs: readonly number[], most: number): number[] {
  if (epochs.length <= most) return [...epochs];
  const step = (epochs.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, at) => epochs[Math.round(at * step)]!);
}
