import { expect, test } from "vitest";
import { imageLayout, placeWords, planesOf, pointIn, sizeOf } from "./layout.ts";

const atlas = { image: "", tile_height: 67, tile_width: 67, columns: 1, count: 1 };
const many = { height: 16, width: 16, planes: 13, columns: 4 };

test("channels that are no colours lie in rows, and those of an older record in one", () => {
  const run = (channels: number, columns?: number) => ({
    input_shape: [channels, 16, 16] as [number, number, number],
    probe: { labels: [], class_names: [], atlas: columns === undefined ? atlas : { ...atlas, original: { ...many, columns } } },
  });
  expect(imageLayout(run(1))).toMatchObject({ planes: 1, columns: 1 });
  expect(imageLayout(run(3))).toMatchObject({ planes: 1, columns: 1 });
  expect(imageLayout(run(13, 4))).toEqual(many);
  expect(sizeOf(imageLayout(run(13)))).toEqual({ height: 16, width: 13 * 17 - 1 });
  expect(sizeOf(many)).toEqual({ height: 67, width: 67 });
});

test("a point of the whole is one of a plane, and the planes are where it says", () => {
  planesOf(many).forEach(({ top, left, height, width }, plane) => {
    const [y, x] = [(top + height / 4) / 100, (left + width / 2) / 100];
    const found = pointIn(many, y, x);
    expect(found.plane).toBe(plane);
    expect(found.y).toBeCloseTo(4);
    expect(found.x).toBeCloseTo(8);
  });
  expect(pointIn(many, 2, -1)).toMatchObject({ x: 0, y: 16 });
});

test("a pixel of a tile is said as the pixels of the picture that it shows", () => {
  expect(placeWords({ ...atlas, original: many }, 17, 36)).toBe("channel 6, row 0, column 2");
  expect(placeWords({ ...atlas, tile_height: 32, tile_width: 32 }, 3, 5)).toBe("row 3, column 5");
  const large = { ...atlas, tile_height: 128, tile_width: 128, original: { height: 224, width: 224, planes: 1, columns: 1 } };
  expect(placeWords(large, 0, 127)).toBe("rows 0 to 1, columns 222 to 223");
  expect(placeWords(large, 4, 64)).toBe("rows 7 to 8, columns 112 to 113");
  const twice = { ...atlas, tile_height: 48, tile_width: 80, original: { height: 96, width: 160, planes: 1, columns: 1 } };
  expect(placeWords(twice, 47, 79)).toBe("rows 94 to 95, columns 158 to 159");
});
