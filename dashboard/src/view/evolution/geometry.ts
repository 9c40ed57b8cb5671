import type { Atlas } from "../../generated/protocol.ts";

/** Lengths of the grid, in CSS pixels. */
export interface Sizes {
  head: number;
  top: number;
  column: number;
  row: number;
}

export interface Viewport {
  left: number;
  top: number;
  width: number;
  height: number;
}

const GUTTER = 10;
const BETWEEN = 2;
const OVERSCAN = 2;

/** The lengths for pictures whose longer side is `size`. */
export function measure(size: number, atlas: Atlas | undefined): Sizes {
  const { tile_width: width, tile_height: height } = atlas ?? { tile_width: 1, tile_height: 1 };
  const scale = size / Math.max(width, height);
  return {
    head: 56,
    top: 28,
    column: Math.max(32, Math.round(width * scale)) + GUTTER,
    row: 2 * Math.round(height * scale) + BETWEEN + GUTTER,
  };
}

/** The part of the grid that can be seen, and a little more. Ends are exclusive. */
export function visible(viewport: Viewport, sizes: Sizes, columns: number, rows: number) {
  const range = (start: number, length: number, step: number, count: number): [number, number] => [
    Math.max(0, Math.min(count, Math.floor(start / step) - OVERSCAN)),
    Math.max(0, Math.min(count, Math.ceil((start + length) / step) + OVERSCAN)),
  ];
  const [firstColumn, lastColumn] = range(viewport.left, viewport.width - sizes.head, sizes.column, columns);
  const [firstRow, lastRow] = range(viewport.top, viewport.height - sizes.top, sizes.row, rows);
  return { firstColumn, lastColumn, firstRow, lastRow };
}

/** Column and row under the pointer; −1 in the headings. */
export function cellAt(event: MouseEvent, box: HTMLElement, sizes: Sizes): { column: number; row: number } {
  const frame = box.getBoundingClientRect();
  const [x, y] = [event.clientX - frame.left - sizes.head, event.clientY - frame.top - sizes.top];
  return {
    column: x < 0 ? -1 : Math.floor((x + box.scrollLeft) / sizes.column),
    row: y < 0 ? -1 : Math.floor((y + box.scrollTop) / sizes.row),
  };
}
