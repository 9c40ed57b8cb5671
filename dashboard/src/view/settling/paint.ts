import { colour } from "../../charts/colours.ts";
import type { Ramp } from "../../charts/ramp.ts";
import type { Stay } from "../../state/settling.ts";
import type { Axis, Column } from "./columns.ts";
import { columnAt } from "./columns.ts";

/** A box on a canvas, in its pixels. */
export interface Box {
  top: number;
  width: number;
  height: number;
}

/** The colours of a row of the clock; epochs that were not read stay open. */
export function paintColumns(ctx: CanvasRenderingContext2D, columns: readonly Column[], ramp: Ramp, { top, width, height }: Box): void {
  const broken = colour("broken");
  const empty = colour("surface");
  columns.forEach(({ value, kind }, at) => {
    if (kind === "missing") return;
    const left = Math.round((at * width) / columns.length);
    const wide = Math.round(((at + 1) * width) / columns.length) - left;
    ctx.fillStyle = kind === "none" || kind === "held" ? empty : kind === "unjudged" ? broken : ramp.colour(value!);
    if (kind !== "unjudged") ctx.fillRect(left, top, wide, height);
    else for (let y = top; y < top + height; y += 4) ctx.fillRect(left, y, wide, 2);
    if (kind !== "held") return;
    const thin = Math.max(1, Math.round(height / 2.5));
    ctx.fillStyle = ramp.colour(value!);
    ctx.fillRect(left, top + Math.round((height - thin) / 2), wide, thin);
  });
}

/** Bars for as long as a layer was settled (solid) or frozen (dotted). */
export function paintStays(ctx: CanvasRenderingContext2D, stays: readonly Stay[], axis: Axis, newest: number, box: Box): void {
  ctx.fillStyle = colour("smooth");
  for (const { state, from, to } of stays) {
    const left = edge(axis, from, box.width);
    const right = to === undefined ? edge(axis, newest, box.width, 1) : edge(axis, to, box.width);
    if (state === "settled") ctx.fillRect(left, box.top, Math.max(2, right - left), box.height);
    else for (let x = left; x < right; x += 2 * box.height) ctx.fillRect(x, box.top, Math.min(box.height, right - x), box.height);
  }
}

/** Marks on the cells: a dot where the layer settled, a triangle where it was found to move again. */
export function paintMarks(
  ctx: CanvasRenderingContext2D,
  stays: readonly Stay[],
  movedAgain: readonly number[],
  axis: Axis,
  { top, width, height }: Box,
): void {
  const middle = top + height / 2;
  const size = Math.min(height / 2 - 1, 5 * devicePixelRatio);
  ctx.lineJoin = "round";
  const mark = (fill: string): void => {
    // An edge in the opposite tone: it can be seen on bright and on dark cells.
    ctx.lineWidth = Math.max(2, 0.5 * size);
    ctx.strokeStyle = "#000";
    ctx.stroke();
    ctx.fillStyle = fill;
    ctx.fill();
  };
  for (const { state, from } of stays) {
    if (state !== "settled") continue;
    ctx.beginPath();
    ctx.arc(centre(axis, from, width), middle, 0.8 * size, 0, 2 * Math.PI);
    mark("#fff");
  }
  for (const epoch of movedAgain) {
    const x = centre(axis, epoch, width);
    ctx.beginPath();
    ctx.moveTo(x - size, middle + 0.8 * size);
    ctx.lineTo(x + size, middle + 0.8 * size);
    ctx.lineTo(x, middle - size);
    ctx.closePath();
    mark("#ff9d5c");
  }
}

function edge(axis: Axis, epoch: number, width: number, more = 0): number {
  return Math.round(((columnAt(axis, epoch) + more) * width) / axis.count);
}

function centre(axis: Axis, epoch: number, width: number): number {
  return ((columnAt(axis, epoch) + 0.5) * width) / axis.count;
}
