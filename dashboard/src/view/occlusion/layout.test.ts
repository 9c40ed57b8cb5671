import { expect, test } from "vitest";
import { classColours, isFlat, mapRamp, placeOn } from "./colours.ts";
import { cellsBox, lowest, positionAt, spread, squareAt, squareWords, type Grid } from "./grid.ts";
import { largeSize, SMALL_AROUND, smallSize } from "./sizes.ts";
import { measure, positions, settingsWords } from "./settings.ts";

const grid: Grid = { square: 8, stride: 2, rows: [0, 2, 4, 6, 8], columns: [0, 2, 4, 6, 8, 10, 12] };
const side = [16, 20] as const;

test("each cell lies around the centre of its square", () => {
  const box = cellsBox(grid, side);
  for (let position = 0; position < 35; position++) {
    const square = squareAt(grid, side, position);
    const [row, column] = [Math.floor(position / 7), position % 7];
    expect(box.top + ((row + 0.5) * box.height) / 5).toBeCloseTo(square.top + square.height / 2);
    expect(box.left + ((column + 0.5) * box.width) / 7).toBeCloseTo(square.left + square.width / 2);
  }
});

test("finds the square around a point, at the edges the nearest one", () => {
  for (let position = 0; position < 35; position++) {
    const { top, left, height, width } = squareAt(grid, side, position);
    expect(positionAt(grid, side, (top + height / 2) / 100, (left + width / 2) / 100)).toBe(position);
  }
  expect(positionAt(grid, side, 0, 0)).toBe(0);
  expect(positionAt(grid, side, 1, 1)).toBe(34);
  expect(squareWords(grid, 9)).toBe("rows 2 to 9, columns 4 to 11");
  expect(squareWords({ ...grid, square: 1 }, 9)).toBe("row 2, column 4");
});

test("steps wider than the square leave gaps, and cells as wide as the steps", () => {
  const box = cellsBox({ square: 2, stride: 6, rows: [0, 6], columns: [0] }, [8, 8]);
  expect(box).toEqual({ top: -25, left: -25, height: 150, width: 75 });
});

test("settings are filled in as spyhole does", () => {
  const none = { class: null, square: null, stride: null, fill: "grey" as const };
  expect(measure(none, [32, 32])).toEqual({ square: 8, stride: 2 });
  expect(measure(none, [3, 40])).toEqual({ square: 1, stride: 1 });
  expect(measure({ square: 5, stride: null }, [32, 32])).toEqual({ square: 5, stride: 1 });
  expect(positions({ square: 8, stride: 2 }, [32, 32])).toEqual([13, 13]);
  expect(positions({ square: 3, stride: 3 }, [7, 5])).toEqual([2, 1]);
  expect(positions({ square: 33, stride: 1 }, [32, 40])).toEqual([0, 8]);
  expect(positions({ square: 8, stride: 0 }, [32, 32])).toEqual([0, 0]);
  expect(settingsWords({ ...none, class: 2, fill: "blur" }, [32, 32], (label) => `#${label}`)).toBe("8×8 px, step 2, blur, #2");
});

test("colours run from 0, or only over what was read", () => {
  const curve = { clean: 0.9, values: [0.8, null, 0.6] };
  const full = mapRamp([curve], "probability", false);
  expect([full.low, full.high]).toEqual([0, 1]);
  const fitted = mapRamp([curve, { clean: 0.95, values: [] }], "probability", true);
  expect([fitted.low, fitted.high]).toEqual([0.6, 0.95]);
  expect([mapRamp([curve], "share", false).low, mapRamp([curve], "share", false).high]).toEqual([0, 0.9]);
  expect(mapRamp([{ clean: 1, values: [-2] }], "share", false).low).toBe(-2);
  expect(mapRamp([], "share", false).high).toBeGreaterThan(0);
  expect([placeOn(full, 0.25), placeOn(full, 7)]).toEqual([25, 100]);
  expect([isFlat(full, [0.9, 0.95]), isFlat(full, [0.9, 0.1]), isFlat(full, [null])]).toEqual([true, false, true]);
});

test("classes keep their colour while it is free, and differ as long as there are colours", () => {
  expect([...classColours([3, 3, 1, 6], 3)]).toEqual([[1, "class-1"], [6, "class-6"]]);
  const clash = classColours([1, 9, 17, 2], 0);
  expect(new Set(clash.values()).size).toBe(4);
  expect([clash.get(1), clash.get(2)]).toEqual(["class-1", "class-2"]);
  expect(classColours(Array.from({ length: 20 }, (_, at) => at), 0).size).toBe(19);
});

test("pictures fit side by side into any width", () => {
  for (let width = 330; width < 2600; width += 7) {
    const [large, small] = [largeSize(width), smallSize(width, 8)];
    expect(2 * large + 20 + 30).toBeLessThanOrEqual(width);
    expect(2 * (small + SMALL_AROUND) + 8 + 30).toBeLessThanOrEqual(width);
    if (width >= 1000) expect(4 * large + 3 * 20 + 30).toBeLessThanOrEqual(width);
    if (width >= 1040) expect(8 * (small + SMALL_AROUND) + 7 * 8 + 30).toBeLessThanOrEqual(width);
  }
});

test("the lowest number, and evenly spaced epochs", () => {
  expect([lowest([null, 3, -1, 2]), lowest([null]), lowest([])]).toEqual([2, undefined, undefined]);
  expect(spread([0, 5, 10], 8)).toEqual([0, 5, 10]);
  const many = spread(Array.from({ length: 41 }, (_, at) => 5 * at), 8);
  expect([many.length, many[0], many.at(-1)]).toEqual([8, 0, 200]);
});
