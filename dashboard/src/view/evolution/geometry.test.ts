import { expect, test } from "vitest";
import { measure, visible } from "./geometry.ts";

const atlas = { image: "", tile_width: 10, tile_height: 20, columns: 1, count: 1 };

test("pictures keep their shape", () => {
  expect(measure(80, atlas)).toMatchObject({ column: 50, row: 172 });
});

test("only what can be seen is drawn, however long the run", () => {
  const sizes = measure(64, { ...atlas, tile_height: 10 });
  const view = { left: 30_000, top: 300, width: 1200, height: 700 };
  const shown = visible(view, sizes, 1000, 16);
  expect(shown.lastColumn - shown.firstColumn).toBeLessThan(22);
  expect(shown.firstColumn * sizes.column).toBeLessThanOrEqual(30_000);
  expect(shown.lastColumn * sizes.column).toBeGreaterThanOrEqual(30_000 + 1144);
  expect(visible({ ...view, left: 1e9 }, sizes, 1000, 16)).toMatchObject({ firstColumn: 1000, lastColumn: 1000 });
  expect(visible({ ...view, left: 0, top: 0 }, sizes, 0, 0)).toMatchObject({ firstColumn: 0, lastColumn: 0, lastRow: 0 });
});
