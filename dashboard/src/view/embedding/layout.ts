export type Point = readonly [x: number, y: number];

/**
 * The points on a screen of that size, as large as they fit. Both axes have one scale, and the middle stays the
 * middle: otherwise embeddings that are aligned would not look it. `margin`: room for marks at the edge.
 */
export function place(points: readonly Point[], width: number, height: number, margin: number): Point[] {
  let [x, y] = [1e-9, 1e-9];
  for (const point of points) [x, y] = [Math.max(x, Math.abs(point[0])), Math.max(y, Math.abs(point[1]))];
  const scale = Math.max(0, Math.min((width / 2 - margin) / x, (height / 2 - margin) / y));
  return points.map((point) => [width / 2 + scale * point[0], height / 2 - scale * point[1]]);
}

/** The point nearest to a place, if it is within `reach`. */
export function nearestPoint(points: readonly Point[], [x, y]: Point, reach: number): number | undefined {
  let best: number | undefined;
  let least = reach * reach;
  points.forEach((point, at) => {
    const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
    if (distance <= least) [best, least] = [at, distance];
  });
  return best;
}

/** Points on their way from one place to another; those that are new are there at once. */
export function between(from: readonly Point[], to: readonly Point[], share: number): Point[] {
  return to.map((point, at) => {
    const start = from[at] ?? point;
    return [start[0] + share * (point[0] - start[0]), start[1] + share * (point[1] - start[1])];
  });
}

/** Slow, fast, slow. */
export function ease(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2;
}

/** At most so many of the epochs, evenly spaced, the first, the last and the shown one among them. */
export function spaced(epochs: readonly number[], most: number, shown: number | undefined): number[] {
  if (epochs.length <= most) return [...epochs];
  const chosen = Array.from({ length: most }, (_, at) => epochs[Math.round((at * (epochs.length - 1)) / (most - 1))]!);
  if (shown === undefined || chosen.includes(shown) || !epochs.includes(shown)) return chosen;
  // Not in place of the first or the last.
  let nearest = 1;
  for (let at = 1; at < most - 1; at++) {
    if (Math.abs(chosen[at]! - shown) < Math.abs(chosen[nearest]! - shown)) nearest = at;
  }
  chosen[nearest] = shown;
  return chosen;
}

/** Radius of a mark, in CSS pixels: smaller if there are many. */
export function markRadius(count: number): number {
  return count <= 150 ? 6 : count <= 400 ? 5 : 4;
}

/** Longer side of a picture, in CSS pixels: they may overlap a little, not cover each other. */
export function pictureSize(count: number, width: number, height: number): number {
  const room = Math.sqrt((0.2 * width * height) / Math.max(1, count));
  return Math.round(Math.max(14, Math.min(36, room)));
}
