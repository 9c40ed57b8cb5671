import type { ComponentChildren } from "preact";
import { imageLayout, pointIn, sizeOf } from "../../pictures/layout.ts";
import { Planes } from "../../pictures/planes.tsx";
import { useModel } from "../../state/store.ts";
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
  /** As large as the whole picture. */
  children: ComponentChildren;
  /** What lies on each of its planes. */
  over?: ComponentChildren;
}

/**
 * A picture laid out as the image is, with a plane for each channel that is no colour. Pointing at it shows the square
 * there, in all pictures.
 */
export function Picture({ grid, side, size, label, rest, children, over }: Props) {
  const layout = imageLayout(useModel().run);
  const whole = sizeOf(layout);
  const scale = size / Math.max(whole.height, whole.width);
  const point = (event: MouseEvent): void => {
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const { y, x } = pointIn(layout, (event.clientY - top) / height, (event.clientX - left) / width);
    pointed.value = positionAt(grid, side, y / side[0], x / side[1]);
  };
  return (
    <div
      class="covered"
      {...(label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label })}
      style={{ width: `${Math.round(whole.width * scale)}px`, height: `${Math.round(whole.height * scale)}px` }}
      onMouseMove={point}
      onMouseLeave={() => (pointed.value = undefined)}
    >
      {children}
      <Planes layout={layout}>
        {over}
        <Outline grid={grid} side={side} rest={rest} />
      </Planes>
    </div>
  );
}
