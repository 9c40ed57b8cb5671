import type uPlot from "uplot";
import { colour } from "./colours.ts";

/** A horizontal line with words on it. */
export interface Level {
  value: number;
  words: string;
  colour: string;
  /** Lengths of dashes and gaps in CSS pixels. */
  dash: number[];
}

const FONT_SIZE = 11;

/** Draws within the chart's area, in CSS pixels' units scaled to the canvas. */
function inside(plot: uPlot, draw: (ctx: CanvasRenderingContext2D, px: number) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${FONT_SIZE * devicePixelRatio}px system-ui, sans-serif`;
  draw(ctx, devicePixelRatio);
  ctx.restore();
}

/** Hatches the epochs up to and including `last`; the words are left out where there is no room for them. */
export function drawHatch(plot: uPlot, last: number, words: string): void {
  const { bbox } = plot;
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(last + 0.5, "x", true));
  if (right <= bbox.left) return;
  inside(plot, (ctx, px) => {
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, right - bbox.left, bbox.height);
    ctx.clip();
    ctx.strokeStyle = colour("ink-3", 0.28);
    ctx.lineWidth = px;
    ctx.beginPath();
    for (let x = bbox.left - bbox.height; x < right; x += 7 * px) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    if (ctx.measureText(words).width + 8 * px < right - bbox.left) {
      write(ctx, px, words, bbox.left + 4 * px, bbox.top + 0.3 * bbox.height, colour("ink-3"));
    }
  });
}

/** Shades the values between `low` and `high`. */
export function drawBand(plot: uPlot, low: number, high: number): void {
  const { bbox } = plot;
  const [top, bottom] = [plot.valToPos(high, "y", true), plot.valToPos(low, "y", true)];
  inside(plot, (ctx, px) => {
    ctx.fillStyle = colour("noise", 0.16);
    ctx.fillRect(bbox.left, top, bbox.width, Math.max(2 * px, bottom - top));
  });
}

/** Draws the levels; their words keep out of each other's way. One beyond the axis is named at the edge. */
export function drawLevels(plot: uPlot, levels: readonly Level[]): void {
  const { bbox } = plot;
  const taken: { x: number; y: number; width: number }[] = [];
  inside(plot, (ctx, px) => {
    for (const { value, words, colour: name, dash } of levels) {
      const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
      const [above, below] = [y < bbox.top - 2 * px, y > bbox.top + bbox.height + 2 * px];
      if (!above && !below && dash.length > 0) {
        ctx.strokeStyle = colour(name);
        ctx.lineWidth = 1.25 * px;
        ctx.setLineDash(dash.map((length) => length * px));
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
        ctx.setLineDash([]);
      }
      const text = above ? `${words} ↑` : below ? `${words} ↓` : words;
      const width = ctx.measureText(text).width;
      const height = (FONT_SIZE + 1) * px;
      const least = bbox.top + height + 4 * px;
      const at = Math.min(bbox.top + bbox.height - 2 * px, Math.max(least, y - 2 * px));
      const slots = [bbox.left + bbox.width - width - 4 * px, bbox.left + 4 * px, bbox.left + (bbox.width - width) / 2];
      const gap = 4 * px;
      const meets = (x: number) => (other: (typeof taken)[number]) =>
        Math.abs(other.y - at) < height && x < other.x + other.width + gap && other.x < x + width + gap;
      const free = slots.find((x) => !taken.some(meets(x)));
      if (free === undefined) continue;
      taken.push({ x: free, y: at, width });
      ctx.textAlign = "left";
      ctx.textBaseline = "bottom";
      write(ctx, px, text, free, at, colour(name));
    }
  });
}

/** A vertical line with words. */
export interface Upright {
  epoch: number;
  words: string;
  colour: string;
}

/** Draws vertical lines; words that would meet those before them are left out. */
export function drawUprights(plot: uPlot, uprights: readonly Upright[]): void {
  const { bbox } = plot;
  inside(plot, (ctx, px) => {
    let free = -Infinity;
    ctx.textBaseline = "top";
    for (const { epoch, words, colour: name } of uprights) {
      const x = Math.round(plot.valToPos(epoch, "x", true)) + 0.5;
      ctx.strokeStyle = colour(name);
      ctx.lineWidth = 1.5 * px;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const width = ctx.measureText(words).width;
      const fits = x + width + 6 * px < bbox.left + bbox.width;
      const left = fits ? x + 4 * px : x - width - 4 * px;
      if (left < free) continue;
      free = left + width + 6 * px;
      ctx.textAlign = "left";
      write(ctx, px, words, left, bbox.top + 3 * px, colour(name));
    }
  });
}

/** Crosses at the bottom, where a reading was not a finite number. */
export function drawCrosses(plot: uPlot, epochs: readonly number[]): void {
  const { bbox } = plot;
  inside(plot, (ctx, px) => {
    ctx.strokeStyle = colour("broken");
    ctx.lineWidth = 1.75 * px;
    ctx.beginPath();
    for (const epoch of epochs) {
      const x = plot.valToPos(epoch, "x", true);
      const [y, r] = [bbox.top + bbox.height - 8 * px, 3 * px];
      ctx.moveTo(x - r, y - r);
      ctx.lineTo(x + r, y + r);
      ctx.moveTo(x + r, y - r);
      ctx.lineTo(x - r, y + r);
    }
    ctx.stroke();
  });
}

/** Part of an alert, in a colour. */
export interface AlertPart {
  from: number;
  to: number | undefined;
  colour: string;
}

/** How thick the bar is, in CSS pixels: severities are told apart without their colours. */
const THICKNESS: { [colour: string]: number } = { critical: 5, warning: 3, info: 1.5 };

/** Room above the chart's area for the bars of alerts, in CSS pixels. */
export const ALERT_LANE = 12;

/** A bar above the chart's area while an alert went on: a wedge where it was raised, an upright where it ended. */
export function drawAlert(plot: uPlot, parts: readonly AlertPart[]): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio;
  const end = bbox.left + bbox.width;
  const top = bbox.top - (ALERT_LANE - 2) * px;
  ctx.save();
  parts.forEach(({ from, to, colour: name }, at) => {
    const left = plot.valToPos(from, "x", true);
    const right = to === undefined ? end : plot.valToPos(to, "x", true);
    ctx.fillStyle = colour(name);
    ctx.fillRect(left, top, right - left, (THICKNESS[name] ?? 3) * px);
    if (at === 0) {
      ctx.beginPath();
      ctx.moveTo(left - 4 * px, top);
      ctx.lineTo(left + 5 * px, top);
      ctx.lineTo(left, top + 9 * px);
      ctx.fill();
    }
    if (at === parts.length - 1 && to !== undefined) ctx.fillRect(right - 1.5 * px, top, 3 * px, 9 * px);
  });
  ctx.restore();
}

/** Text that can be read on top of lines. */
function write(ctx: CanvasRenderingContext2D, px: number, words: string, x: number, y: number, fill: string): void {
  ctx.strokeStyle = colour("surface");
  ctx.lineWidth = 3 * px;
  ctx.lineJoin = "round";
  ctx.strokeText(words, x, y);
  ctx.fillStyle = fill;
  ctx.fillText(words, x, y);
}
