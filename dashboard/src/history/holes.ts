/** Records that a snapshot stood for and that have not been read: from the first number to the last. */
export interface Hole {
  from: number;
  to: number;
}

/** What is left of the holes (in order) after a page was read from the last one's end; `before`: the page begins there. */
export function filled(holes: readonly Hole[], before: number | null): Hole[] {
  if (before === null) return [];
  return holes.flatMap(({ from, to }) => (from >= before ? [] : [{ from, to: Math.min(to, before - 1) }]));
}

/** How many records may be in them. */
export function extent(holes: readonly Hole[]): number {
  return holes.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** The holes with one more, which may overlap them. */
export function dug(holes: readonly Hole[], hole: Hole): Hole[] {
  const result: Hole[] = [];
  for (const { from, to } of [...holes, hole].sort((a, b) => a.from - b.from)) {
    const last = result[result.length - 1];
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}
