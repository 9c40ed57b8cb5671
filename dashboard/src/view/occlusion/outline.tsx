import { squareAt, type Grid, type Side } from "./grid.ts";
import { pointed } from "./pointed.ts";

interface Props {
  grid: Grid;
  side: Side;
  rest: number | undefined;
}

/** The square at the position under the pointer, in its real size. */
export function Outline({ grid, side, rest }: Props) {
  const position = pointed.value ?? rest;
  if (position === undefined || position >= grid.rows.length * grid.columns.length) return null;
  const { top, left, height, width } = squareAt(grid, side, position);
  return <i class="square" style={{ top: `${top}%`, left: `${left}%`, height: `${height}%`, width: `${width}%` }} />;
}
