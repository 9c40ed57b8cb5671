import type { ComponentChildren } from "preact";
import { Outline } from "./outline.tsx";
import { positionAt, type Grid, type Side } from "./grid.ts";
import { pointed } from "./pointed.ts";

export interface Frame {
  grid: Grid;
  /** Of the image, in pixels. */
  side: Side;
  /** Longer side on the screen, in CSS pixels. */
  size: number;
}

interface Props extends Frame {
  /** What it shows, for people who cannot see it; left out where the surroundings say it. */
  label?: string | undefined;
  /** Where the square is drawn while nothing is pointed at. */
  rest?: number | undefined;
  children: ComponentChildren;
}

/** A picture as large as the image. Pointing at it shows the square there, in all pictures. */
export function Picture({ grid, side, size, label, rest, children }: Props) {
  const scale = size / Math.max(...side);
  const point = (event: MouseEvent): void => {
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    pointed.value = positionAt(grid, side, (event.clientY - top) / height, (event.clientX - left) / width);
  };
  return (
    <div
      class="covered"
      {...(label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label })}
      style={{ width: `${Math.round(side[1] * scale)}px`, height: `${Math.round(side[0] * scale)}px` }}
      onMouseMove={point}
      onMouseLeave={() => (pointed.value = undefined)}
    >
      {children}
      <Outline grid={grid} side={side} rest={rest} />
    </div>
  );
}
