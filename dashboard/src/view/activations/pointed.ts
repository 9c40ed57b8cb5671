import { signal } from "@preact/signals";
import type { Atlas } from "../../generated/protocol.ts";
import { layoutOf } from "../../pictures/layout.ts";

/** A map, and the position of it, under the pointer. */
export interface Pointed {
  map: number;
  position: { row: number; column: number } | undefined;
}
export const pointed = signal<Pointed | undefined>(undefined);

export function point(next: Pointed | undefined): void {
  const now = pointed.peek();
  const same = now?.map === next?.map && now?.position?.row === next?.position?.row && now?.position?.column === next?.position?.column;
  if (!same) pointed.value = next;
}

/** The position of a map under the pointer: of the map itself, where its tile is smaller. */
export function positionAt(event: MouseEvent, picture: HTMLElement, atlas: Atlas): Pointed["position"] {
  const { height: rows, width: columns } = layoutOf(atlas);
  const { left, top, width, height } = picture.getBoundingClientRect();
  const clamp = (at: number, most: number): number => Math.min(most - 1, Math.max(0, Math.floor(at)));
  return {
    row: clamp(((event.clientY - top) / height) * rows, rows),
    column: clamp(((event.clientX - left) / width) * columns, columns),
  };
}
