import type { OcclusionSheet } from "../../generated/protocol.ts";

/** Where the squares of an occlusion lie. */
export type Grid = Pick<OcclusionSheet, "square" | "stride" | "rows" | "columns">;

/** Height and width of the image, in pixels. */
export type Side = readonly [height: number, width: number];

/** A box in per cent of the image. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** The square at a position. */
export function squareAt({ square, rows, columns }: Grid, [height, width]: Side, position: number): Box {
  const top = rows[Math.floor(position / columns.length)] ?? 0;
  const left = columns[position % columns.length] ?? 0;
  return { top: (100 * top) / height, left: (100 * left) / width, height: (100 * square) / height, width: (100 * square) / width };
}

/** Where a map with a cell for each position lies on the image: each cell is as large as the step, around the centre of its square. */
export function cellsBox({ square, stride, rows, columns }: Grid, [height, width]: Side): Box {
  const start = (square - stride) / 2;
  return {
    top: (100 * ((rows[0] ?? 0) + start)) / height,
    left: (100 * ((columns[0] ?? 0) + start)) / width,
    height: (100 * rows.length * stride) / height,
    width: (100 * columns.length * stride) / width,
  };
}

/** The position whose square's centre is nearest to a point of the image, given in shares of its height and width. */
export function positionAt({ square, rows, columns }: Grid, [height, width]: Side, y: number, x: number): number {
  return nearest(rows, y * height - square / 2) * columns.length + nearest(columns, x * width - square / 2);
}

function nearest(starts: readonly number[], wanted: number): number {
  let best = 0;
  starts.forEach((start, at) => {
    if (Math.abs(start - wanted) < Math.abs(starts[best]! - wanted)) best = at;
  });
  return best;
}

/** "rows 8 to 15, columns 12 to 19": the pixels under the square, counted from 0. */
export function squareWords({ square, rows, columns }: Grid, position: number): string {
  const words = (name: string, start: number): string =>
    square === 1 ? `${name} ${start}` : `${name}s ${start} to ${start + square - 1}`;
  return `${words("row", rows[Math.floor(position / columns.length)] ?? 0)}, ${words("column", columns[position % columns.length] ?? 0)}`;
}

/** The position with the smallest number; undefined if there is none. */
export function lowest(values: readonly (number | null)[]): number | undefined {
  let best: number | undefined;
  values.forEach((value, at) => {
    if (value !== null && (best === undefined || value < values[best]!)) best = at;
  });
  return best;
}

/** At most `most` of them, evenly spaced, the first and the last among them. */
export function spread(epochs: readonly number[], most: number): number[] {
  if (epochs.length <= most) return [...epochs];
  return Array.from({ length: most }, (_, at) => epochs[Math.round((at * (epochs.length - 1)) / (most - 1))]!);
}
