import { useLayoutEffect, useRef } from "preact/hooks";
import { cellsBox, type Grid, type Side } from "./grid.ts";

interface Props {
  grid: Grid;
  side: Side;
  /** The colour of each position; undefined: none. */
  colours: readonly (string | undefined)[];
  /** 0 to 1. */
  opacity: number;
}

/** A cell for each position, around the centre of its square. One pixel each: the browser enlarges it without blurring. */
export function Plane({ grid, side, colours, opacity }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [rows, columns] = [grid.rows.length, grid.columns.length];
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.clearRect(0, 0, columns, rows);
    colours.forEach((colour, position) => {
      if (colour === undefined) return;
      context.fillStyle = colour;
      context.fillRect(position % columns, Math.floor(position / columns), 1, 1);
    });
    canvas.current!.setAttribute("data-painted", "");
  }, [colours, rows, columns]);
  const { top, left, height, width } = cellsBox(grid, side);
  return (
    <canvas
      ref={canvas}
      class="plane"
      width={columns}
      height={rows}
      style={{ top: `${top}%`, left: `${left}%`, height: `${height}%`, width: `${width}%`, opacity: String(opacity) }}
      aria-hidden="true"
    />
  );
}
