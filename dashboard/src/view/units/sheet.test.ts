import { expect, test } from "vitest";
import type { UnitHit, UnitSheet } from "../../generated/protocol.ts";
import { measure } from "./measure.ts";
import { atBorder, isHatched, entriesOf, entryOf, evenly, hasPictures, shownUnits } from "./sheet.ts";

const hit = (change: Partial<UnitHit> = {}): UnitHit => ({
  image: 1,
  label: null,
  row: 0,
  column: 0,
  value: 2,
  again: 2,
  reproduced: true,
  field: { top: 0, left: 0, height: 5, width: 5 },
  patch: 0,
  projection: 1,
  projection_scale: 0.1,
  ...change,
});

const sheet: UnitSheet = {
  epoch: 5,
  layer: "conv1",
  searched: { name: "the probe images", count: 9, repeated: 0, probe: true },
  field_status: "exact",
  units: [
    { map: 0, hits: [hit()], churn: 0.2 },
    { map: 1, hits: [], churn: null },
    { map: 2, hits: [hit({ reproduced: false })], churn: 0.9 },
  ],
  earlier: 0,
  atlas: { image: "a", tile_height: 5, tile_width: 5, columns: 2, count: 2 },
  readings: {
    dead: [false, true, false],
    largest: [2, 0, 4],
    zero_share: [0.5, 1, 0.5],
    hoyer: [0.5, null, 0.6],
    lifetime_sparseness: [0.9, null, 0.1],
    localisation: [0.4, null, 0.8],
    input_likeness: [0.1, null, 0.85],
  },
};

test("the entries of a study are found by map, also in a study of one map", () => {
  const single = { ...sheet, units: [sheet.units[2]!], readings: { ...sheet.readings, dead: [false], largest: [4] } };
  expect(entryOf(single, 2)?.readings.largest).toBe(4);
  expect(entryOf(single, 0)).toBeUndefined();
  expect(entriesOf(sheet).get(1)).toMatchObject({ dead: true, readings: { hoyer: null } });
});

test("maps are filtered and sorted; those without a reading come last", () => {
  const entries = entriesOf(sheet);
  expect(shownUnits(entries, undefined, undefined)).toEqual([0, 1, 2]);
  expect(shownUnits(entries, undefined, "largest")).toEqual([2, 0, 1]);
  expect(shownUnits(entries, undefined, "localised")).toEqual([0, 2, 1]);
  expect(shownUnits(entries, undefined, "changed")).toEqual([2, 0, 1]);
  expect(["live", "dead", "copies", "changed", "doubtful", "nonsense"].map((only) => shownUnits(entries, only, undefined))).toEqual([
    [0, 2],
    [1],
    [2],
    [0, 2],
    [2],
    [0, 1, 2],
  ]);
});

test("a patch that reaches beyond the image is told", () => {
  const inside = { top: 3, left: 3, height: 5, width: 5 };
  expect(atBorder(hit({ field: inside }), [8, 8])).toBe(false);
  expect(atBorder(hit({ field: inside }), [8, 7])).toBe(true);
  expect(atBorder(hit({ field: { ...inside, top: -1 } }), [8, 8])).toBe(true);
  expect(isHatched(hit({ field: { ...inside, top: -1, height: 4 } }), [8, 8])).toBe(true);
  expect(isHatched(hit({ field: { top: -1, left: -1, height: 9, width: 9 } }), [8, 8])).toBe(false);
  expect([hasPictures({ map: 0, hits: [hit({ patch: null })], churn: null }), hasPictures({ map: 0, hits: [], churn: null })]).toEqual([false, true]);
});

test("a film has so many frames at most, with the first and the last", () => {
  const epochs = Array.from({ length: 101 }, (_, at) => 5 * at);
  expect(evenly(epochs, 12)).toHaveLength(12);
  expect([evenly(epochs, 12)[0], evenly(epochs, 12).at(-1)]).toEqual([0, 500]);
  expect(evenly([0, 5], 12)).toEqual([0, 5]);
});

test("cards fill the width", () => {
  for (const width of [300, 376, 990, 1400]) {
    const { column, columns, tile, width: card } = measure(width, width > 1300 ? 1.26 : 1, true);
    expect(columns * column - 10).toBeLessThanOrEqual(width);
    expect(6 * tile + 34).toBeLessThanOrEqual(Math.max(card, 178));
  }
  expect(measure(990, 1, false).row).toBeLessThan(measure(990, 1, true).row);
});
