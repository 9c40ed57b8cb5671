import type { Atlas } from "../../generated/protocol.ts";

const FRAME = 6;
const TAG = 21;
const GAP = 10;

/** Lengths of the wall in CSS pixels: fewer filters are shown larger. */
export function arrange(filters: number, { tile_width: width, tile_height: height }: Atlas, available: number, zoom: number) {
  const tile = Math.round((filters <= 24 ? 62 : filters <= 72 ? 54 : 46) * zoom);
  const scale = tile / Math.max(width, height);
  const column = Math.max(Math.round(width * scale), 40) + FRAME + GAP;
  const row = Math.round(height * scale) + FRAME + TAG + GAP;
  return { tile, column, row, columns: Math.max(1, Math.floor(available / column)) };
}
