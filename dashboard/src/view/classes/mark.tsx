import { classLook, corners } from "./looks.ts";

interface Props {
  /** The class by number; without one the mark of images without a class. */
  label: number | undefined;
  /** Side in CSS pixels. */
  size?: number;
}

const REACH = 1.5;

/** The mark of a class; its name belongs beside it. */
export function ClassMark({ label, size = 14 }: Props) {
  const { colour, shape, hollow } = classLook(label);
  const paint = { fill: hollow ? "none" : `var(--${colour})`, stroke: `var(--${colour})`, strokeWidth: hollow ? "0.4" : "0" };
  return (
    <svg class="class-mark" width={size} height={size} viewBox={`${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`} aria-hidden="true">
      {shape === "disc" ? <circle r={1} style={paint} /> : <polygon points={corners(shape).map(String).join(" ")} style={paint} />}
    </svg>
  );
}
