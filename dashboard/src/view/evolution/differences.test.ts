import { expect, test } from "vitest";
import type { UnitView } from "../../generated/protocol.ts";
import type { FeatureEpoch } from "../../state/features.ts";
import { EpochSeries } from "../../state/series.ts";
import { PackedUnits } from "../../state/units.ts";
import { differences } from "./differences.ts";
import { jumpsOf } from "./jumps.ts";

const field = { top: 0, left: 0, height: 1, width: 1 };
const unit = (map: number, image: number, row = 0): UnitView => ({
  ...{ map, image, row, column: 0, value: 1, field, patch: 0, projection: 1, projection_scale: 1 },
});
const epoch = (followed: UnitView[], strongest: UnitView[] = []): FeatureEpoch => ({
  followed: new PackedUnits(followed),
  strongest: new PackedUnits(strongest),
  atlas: { image: "", tile_height: 1, tile_width: 1, columns: 1, count: 0 },
});

test("names how the followed maps of two epochs differ", () => {
  const a = epoch([unit(0, 5), unit(1, 6), unit(2, 7)]);
  const b = epoch([unit(0, 5), unit(1, 9), unit(2, 7, 3)]);
  expect(differences("followed", [0, 1, 2], a, b).map(({ title, kind, words }) => [title, kind, words])).toEqual([
    ["map 0", "same", "same image, same place"],
    ["map 1", "jumped", "jump: another image"],
    ["map 2", "same", "same image, another place in it"],
  ]);
});

test("names where the strongest maps of two epochs are in the other", () => {
  const a = epoch([], [unit(3, 1), unit(4, 1), unit(5, 1)]);
  const b = epoch([], [unit(3, 2), unit(5, 1)]);
  expect(differences("strongest", [], a, b).map(({ words }) => words)).toEqual([
    "map 3 in both; jump: another image",
    "map 4: not in B\nmap 5: rank 3 in A",
    "map 5: rank 2 in B",
  ]);
});

test("a jump is when another image becomes the strongest, across a gap too", () => {
  const series = new EpochSeries<FeatureEpoch>();
  for (const [at, image] of [[0, 1], [1, 1], [2, 4], [5, 6], [6, 6]] as const) series.set(at, epoch([unit(2, image)]));
  expect(jumpsOf(series, 2, 0)).toEqual([2, 5]);
  expect(jumpsOf(series, 9, 0)).toEqual([]);
});
