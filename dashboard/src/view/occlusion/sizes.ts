/** Space between pictures, around a panel's contents, and the least and the most that a picture takes, in CSS pixels. */
const [GAP, AROUND, LEAST, MOST] = [20, 30, 130, 360];
/** The same of the small ones, and how many of them a row holds. */
const [SMALL_GAP, LEAST_SMALL, MOST_SMALL, IN_A_ROW] = [8, 96, 170, 8];

/** A row of less is for two. */
const NARROW = 560;

/** Around a small picture in its button. */
export const SMALL_AROUND = 20;

/** Side of the large pictures that fit into a width. */
export function largeSize(width: number): number {
  const columns = width >= 760 ? 4 : width >= NARROW ? 3 : 2;
  return Math.max(LEAST, Math.min(MOST, each(width, columns, GAP)));
}

/** Side of one of `count` small pictures: in one row as long as there are few. */
export function smallSize(width: number, count: number): number {
  const columns = Math.min(width < NARROW ? 2 : IN_A_ROW, count);
  return Math.max(LEAST_SMALL, Math.min(MOST_SMALL, each(width, columns, SMALL_GAP) - SMALL_AROUND));
}

function each(width: number, count: number, gap: number): number {
  return Math.floor((width - AROUND - (count - 1) * gap) / count);
}
