import type { Atlas } from "../../generated/protocol.ts";

const FRAME = 6;
const TAG = 21;
const GAP = 10;
const OVERSCAN = 1;

/** Lengths of the wall in CSS pixels: fewer filters are shown larger. */
export function arrange(filters: number, { tile_width: width, tile_height: height }: Atlas, available: number, wide: boolean) {
  const tile = Math.round((filters <= 24 ? 62 : filters <= 72 ? 54 : 46) * (wide ? 1.3 : 1));
  const scale = tile / Math.max(width, height);
  const column = Math.max(Math.round(width * scale), 40) + FRAME + GAP;
  const row = Math.round(height * scale) + FRAME + TAG + GAP;
  return { tile, column, row, columns: Math.max(1, Math.floor(available / column)) };
}

/** The first row in view, and the one after the last. */
export function rowsInView({ top, height }: { top: number; height: number }, row: number, rows: number): [number, number] {
  const clamp = (at: number): number => Math.max(0, Math.min(rows, at));
  return [clamp(Math.floor(top / row) - OVERSCAN), clamp(Math.ceil((top + height) / row) + OVERSCAN)];
}
