const OVERSCAN = 1;

/** The first row in view, and the one after the last. */
export function rowsInView({ top, height }: { top: number; height: number }, row: number, rows: number): [number, number] {
  const clamp = (at: number): number => Math.max(0, Math.min(rows, at));
  return [clamp(Math.floor(top / row) - OVERSCAN), clamp(Math.ceil((top + height) / row) + OVERSCAN)];
}
