import { signal } from "@preact/signals";

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

/** The position of a picture under the pointer. */
export function positionAt(event: MouseEvent, picture: HTMLElement, rows: number, columns: number): Pointed["position"] {
  const { left, top, width, height } = picture.getBoundingClientRect();
  const clamp = (at: number, most: number): number => Math.min(most - 1, Math.max(0, Math.floor(at)));
  return {
    row: clamp(((event.clientY - top) / height) * rows, rows),
    column: clamp(((event.clientX - left) / width) * columns, columns),
  };
}
