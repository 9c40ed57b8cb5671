import { signal } from "@preact/signals";
import type { Atlas } from "../generated/protocol.ts";
import type { Meaning } from "./meaning.ts";

/** A tile as it is shown somewhere on the page. */
export interface ShownTile {
  atlas: Atlas;
  index: number;
  meaning: Meaning;
  label: string | undefined;
  /** Changes what was drawn, as in the place where it is shown. */
  finish: { key: string; apply: (context: CanvasRenderingContext2D) => void } | undefined;
}

/** A pixel of a tile under the pointer, and where the pointer is. */
export interface PointedPixel {
  tile: ShownTile;
  row: number;
  column: number;
  x: number;
  y: number;
}

export const pointedPixel = signal<PointedPixel | undefined>(undefined);
/** The tile that is looked at enlarged. */
export const enlarged = signal<ShownTile | undefined>(undefined);

const shown = new WeakMap<Element, ShownTile>();

/** Lets the pointer read the tile of a canvas. */
export function tell(canvas: Element, tile: ShownTile): void {
  shown.set(canvas, tile);
}

/** The tile that a canvas shows. */
export function tileOf(element: EventTarget | null): ShownTile | undefined {
  return element instanceof Element ? shown.get(element) : undefined;
}

/** The pixel of a tile under a pointer. */
export function pixelUnder(event: MouseEvent): PointedPixel | undefined {
  const tile = tileOf(event.target);
  if (tile === undefined) return undefined;
  const { left, top, width, height } = (event.target as Element).getBoundingClientRect();
  const { tile_height: rows, tile_width: columns } = tile.atlas;
  const clamp = (at: number, most: number): number => Math.min(most - 1, Math.max(0, Math.floor(at)));
  return {
    tile,
    row: clamp(((event.clientY - top) / height) * rows, rows),
    column: clamp(((event.clientX - left) / width) * columns, columns),
    x: event.clientX,
    y: event.clientY,
  };
}

/** Opens the tile under the pointer, otherwise the first one of what has the focus, otherwise of the inspector. */
export function enlarge(): boolean {
  const focused = document.activeElement;
  const near = focused === null || focused.matches("body, main") ? null : focused.querySelector("canvas.tile");
  const first = [".inspector", ".frame-of-film", "main"].map((place) => document.querySelector(`${place} canvas.tile`)).find((each) => each !== null);
  const tile = pointedPixel.peek()?.tile ?? tileOf(near) ?? tileOf(first ?? null);
  if (tile === undefined) return false;
  pointedPixel.value = undefined;
  enlarged.value = tile;
  return true;
}

/** Reads the pixel under the pointer on the whole page; a double click enlarges its tile. */
export function listenToPointer(): void {
  const read = (event: MouseEvent): void => {
    const next = enlarged.peek() === undefined ? pixelUnder(event) : undefined;
    if (next !== undefined || pointedPixel.peek() !== undefined) pointedPixel.value = next;
  };
  const leave = (): void => void (pointedPixel.value = undefined);
  addEventListener("pointermove", read, { passive: true });
  addEventListener("pointerdown", read, { passive: true });
  addEventListener("scroll", leave, { passive: true, capture: true });
  document.documentElement.addEventListener("mouseleave", leave);
  addEventListener("dblclick", (event) => {
    const tile = tileOf(event.target);
    if (tile === undefined) return;
    leave();
    enlarged.value = tile;
  });
}
