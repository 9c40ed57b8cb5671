import type { Measures } from "../maps/wall.tsx";

const GAP = 10;
const PADDING = 10;
const HEAD = 24;
const FOOT = 42;
const BETWEEN = 8;

export interface CardMeasures extends Measures {
  /** Side of a picture. */
  tile: number;
  width: number;
  height: number;
}

/** Height of what stands in place of pictures. */
const WORDS = 44;

/** Lengths of the wall of cards: two blocks of three by three pictures on each, if there are any. */
export function measure(available: number, zoom: number, pictured: boolean): CardMeasures {
  const least = 38 * zoom;
  const wanted = 6 * least + 4 + BETWEEN + 2 * PADDING + 2;
  const columns = Math.max(1, Math.floor((available + GAP) / (wanted + GAP)));
  const width = Math.floor((available + GAP) / columns) - GAP;
  const tile = Math.max(16, Math.min(64 * zoom, Math.floor((width - 2 * PADDING - BETWEEN - 6) / 6)));
  const height = (pictured ? 3 * tile + 2 : WORDS) + HEAD + FOOT + 2 * PADDING + 2;
  return { tile, width, height, column: width + GAP, row: height + GAP, columns };
}
