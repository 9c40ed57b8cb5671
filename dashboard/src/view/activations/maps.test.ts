import { expect, test } from "vitest";
import type { ActivationSheet, MapView } from "../../generated/protocol.ts";
import { shade } from "../../pictures/coloured.tsx";
import { byteValue } from "../../pictures/value.ts";
import { reachOf, sharedScale, shownMaps, stateOf } from "./maps.ts";
import { measure } from "./measure.ts";

const view = (change: Partial<MapView>): MapView => ({
  scale: 1,
  dead: false,
  zero_share: 0.5,
  hoyer: 0.5,
  treves_rolls: 0.5,
  gini: 0.5,
  localisation: 0.5,
  largest_component: 0.5,
  input_correlation: 0.1,
  ...change,
});

const atlas = { image: "a", tile_height: 8, tile_width: 8, columns: 2, count: 4 };
const sheet: ActivationSheet = {
  epoch: 1,
  layer: "conv1",
  image: 0,
  signed: false,
  atlas,
  maps: [view({ scale: 2, localisation: 0.9 }), view({ dead: true, scale: 0, localisation: null }), view({ scale: 4, input_correlation: -0.9 }), view({ scale: null, hoyer: 0.8 })],
  population_sparseness: 0.4,
};

test("says what is the matter with a map", () => {
  expect(sheet.maps.map(stateOf)).toEqual(["live", "dead", "copy", "live"]);
});

test("maps are filtered and sorted; those without a reading come last", () => {
  expect(shownMaps(sheet, undefined, "strongest")).toEqual([2, 0, 1, 3]);
  expect(shownMaps(sheet, undefined, "sparsest")).toEqual([3, 0, 1, 2]);
  expect(shownMaps(sheet, undefined, "localised")).toEqual([2, 3, 0, 1]);
  expect([shownMaps(sheet, "dead", undefined), shownMaps(sheet, "copies", undefined), shownMaps(sheet, "live", undefined)]).toEqual([[1], [2], [0, 2, 3]]);
});

test("with one scale, equal colours are equal values", () => {
  expect(sharedScale(sheet)).toBe(4);
  expect([0, 2].map((map) => reachOf(sheet, map, true))).toEqual([0.5, 1]);
  expect(reachOf(sheet, 0, false)).toBe(1);
  // 2 in a map that reaches 2, and 2 in a map that reaches 4.
  expect(Math.abs(shade(255, false, 0.5) - shade(127.5, false, 1))).toBeLessThanOrEqual(1);
  expect([shade(0, true, 0.5), shade(127.5, true, 0.5), shade(255, true, 0.5)]).toEqual([64, 128, 191]);
});

test("a byte stands for a share of the scale", () => {
  expect([byteValue(0, false, 3), byteValue(255, false, 3)]).toEqual([0, 3]);
  expect([byteValue(0, true, 3), byteValue(127.5, true, 3), byteValue(255, true, 3)]).toEqual([-3, 0, 3]);
});

test("pixels of a map are squares of whole size", () => {
  for (const side of [1, 4, 7, 8, 32, 224]) {
    const { tile, columns, column } = measure(64, { ...atlas, tile_height: side, tile_width: side }, 800, 1);
    expect(side > 88 ? tile : tile % side).toBe(side > 88 ? 88 : 0);
    expect(columns * column - 8).toBeLessThanOrEqual(800);
  }
});
