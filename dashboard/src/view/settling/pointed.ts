import { signal } from "@preact/signals";

/** The cell of the clock, or the epoch of a chart, under the pointer. */
export interface Pointed {
  layer: string;
  epoch: number;
}
export const pointed = signal<Pointed | undefined>(undefined);

export function point(next: Pointed | undefined): void {
  const now = pointed.peek();
  if (now?.layer !== next?.layer || now?.epoch !== next?.epoch) pointed.value = next;
}
