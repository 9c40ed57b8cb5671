import type { Atlas } from "../../generated/protocol.ts";
import type { Measures } from "../maps/wall.tsx";

const FRAME = 4;
const TAG = 19;
const GAP = 8;
const LEAST = 52;

export interface MapMeasures extends Measures {
  /** Longer side of a tile. */
  tile: number;
}

/** Lengths of the grid: fewer maps are shown larger, and a pixel is as wide as another. */
export function measure(maps: number, { tile_width: width, tile_height: height }: Atlas, available: number, zoom: number): MapMeasures {
  const wanted = (maps <= 24 ? 112 : maps <= 96 ? 88 : 64) * zoom;
  const longer = Math.max(width, height);
  const times = Math.max(1, Math.round(wanted / longer));
  const tile = longer > wanted ? Math.round(wanted) : longer * times;
  const scale = tile / longer;
  const column = Math.max(Math.round(width * scale), LEAST) + FRAME + GAP;
  const row = Math.round(height * scale) + FRAME + TAG + GAP;
  return { tile, column, row, columns: Math.max(1, Math.floor((available + GAP) / column)) };
}
