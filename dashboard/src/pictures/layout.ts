import type { Atlas, Original, RunStarted } from "../generated/protocol.ts";

/** A box in per cent of a picture. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** What a tile was before it became one, as far as it was recorded. */
export function layoutOf({ original, tile_height: height, tile_width: width }: Atlas): Original {
  return original ?? { height, width, planes: 1, columns: 1 };
}

/** How the run's images lie in a tile: its channels are planes of their own unless they are grey or colours. */
export function imageLayout(run: Pick<RunStarted, "input_shape" | "probe"> | undefined): Original {
  if (run === undefined) return { height: 1, width: 1, planes: 1, columns: 1 };
  const [channels, height, width] = run.input_shape;
  const planes = channels === 3 ? 1 : channels;
  // What was written before this was recorded has all of them in one row.
  return { height, width, planes, columns: run.probe.atlas.original?.columns ?? planes };
}

/** Tiles that are as large as the run's images, with what they were, if the record does not say. */
export function asImages(atlas: Atlas, run: Pick<RunStarted, "input_shape" | "probe"> | undefined): Atlas {
  return run === undefined ? atlas : { ...atlas, original: atlas.original ?? imageLayout(run) };
}

/** Height and width of all planes together, in pixels of the picture. */
export function sizeOf({ height, width, planes, columns }: Original): { height: number; width: number } {
  return { height: Math.ceil(planes / columns) * (height + 1) - 1, width: columns * (width + 1) - 1 };
}

/** More planes are not drawn upon: a store can claim any number. */
const MOST_PLANES = 1024;

/** Where each plane lies in the whole. */
export function planesOf(layout: Original): Box[] {
  const { height, width, planes, columns } = layout;
  const whole = sizeOf(layout);
  return Array.from({ length: Math.min(planes, MOST_PLANES) }, (_, plane) => ({
    top: (100 * Math.floor(plane / columns) * (height + 1)) / whole.height,
    left: (100 * (plane % columns) * (width + 1)) / whole.width,
    height: (100 * height) / whole.height,
    width: (100 * width) / whole.width,
  }));
}

/** The plane under a point that is given in shares of the whole, and where in it, in pixels of the picture. */
export function pointIn(layout: Original, y: number, x: number): { plane: number; y: number; x: number } {
  const { height, width, planes, columns } = layout;
  const whole = sizeOf(layout);
  const along = (at: number, step: number, count: number): [number, number] => {
    const place = Math.min(count - 1, Math.max(0, Math.floor(at / (step + 1))));
    return [place, Math.min(step, Math.max(0, at - place * (step + 1)))];
  };
  const [row, down] = along(y * whole.height, height, Math.ceil(planes / columns));
  const [column, right] = along(x * whole.width, width, columns);
  return { plane: Math.min(planes - 1, row * columns + column), y: down, x: right };
}

/** "row 96, column 40": which pixels of the picture a pixel of its tile shows, with the channel where each has a plane. */
export function placeWords(atlas: Atlas, row: number, column: number): string {
  const layout = layoutOf(atlas);
  const whole = sizeOf(layout);
  const [down, right] = [whole.height / atlas.tile_height, whole.width / atlas.tile_width];
  const from = pointIn(layout, (row * down + 1e-6) / whole.height, (column * right + 1e-6) / whole.width);
  const one = (name: string, start: number, length: number, most: number): string => {
    const first = Math.min(most - 1, Math.floor(start + 1e-3));
    const last = Math.min(most - 1, Math.max(first, Math.ceil(start + length - 1e-3) - 1));
    return first === last ? `${name} ${first}` : `${name}s ${first} to ${last}`;
  };
  const place = `${one("row", from.y, down, layout.height)}, ${one("column", from.x, right, layout.width)}`;
  return layout.planes === 1 ? place : `channel ${from.plane}, ${place}`;
}
