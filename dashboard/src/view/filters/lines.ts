import type uPlot from "uplot";
import { colour } from "../../charts/colours.ts";
import type { Epochs } from "../../state/epochs.ts";
import type { FilterEpoch } from "../../state/filters.ts";
import { FILTER_STATES } from "../../state/readings.ts";
import type { EpochSeries } from "../../state/series.ts";
import { STATES } from "./states.ts";

type History = EpochSeries<FilterEpoch>;

/** What is drawn: the filters of all epochs, and the ones that give the colours. */
export interface Subject {
  history: History;
  record: FilterEpoch;
  epochs: Epochs;
}

/** A logarithmic axis has no zero. */
const LEAST = 0.01;

/** Half the length of the dash that a value without a line is drawn as, in pixels of the page. */
const DASH = 3;

/** Smallest and largest Q of each epoch: what the axis must hold. */
export function extremes(history: History): [(number | null)[], (number | null)[]] {
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  for (const { readings } of history.values) {
    let [least, most]: [number | null, number | null] = [null, null];
    for (let filter = 0; filter < readings.count; filter++) {
      const q = readings.value("q", filter);
      if (q === null) continue;
      least = Math.max(LEAST, Math.min(least ?? q, q));
      most = Math.max(most ?? LEAST, q);
    }
    low.push(least);
    high.push(most);
  }
  return [low, high];
}

/**
 * The lines of all filters, drawn once into a picture of their own: pointing at filters redraws the chart
 * often, and there may be hundreds of lines.
 */
export class Lines {
  private readonly canvas = document.createElement("canvas");
  private drawn = "";

  draw(plot: uPlot, subject: Subject, key: string, strength: number): void {
    const { ctx, bbox } = plot;
    if (bbox.width < 1 || bbox.height < 1) return;
    const { min, max } = plot.scales["y"]!;
    const wanted = [key, bbox.width, bbox.height, min, max, plot.scales["x"]!.min, plot.scales["x"]!.max].join();
    if (wanted !== this.drawn) this.paint(plot, subject);
    this.drawn = wanted;
    ctx.save();
    ctx.globalAlpha = strength;
    ctx.drawImage(this.canvas, bbox.left, bbox.top);
    ctx.restore();
  }

  private paint(plot: uPlot, subject: Subject): void {
    const { bbox } = plot;
    const { readings } = subject.record;
    this.canvas.width = Math.ceil(bbox.width);
    this.canvas.height = Math.ceil(bbox.height);
    const ctx = this.canvas.getContext("2d")!;
    ctx.translate(-bbox.left, -bbox.top);
    ctx.lineWidth = 1.25 * devicePixelRatio;
    ctx.lineJoin = "round";
    for (const state of FILTER_STATES) {
      ctx.strokeStyle = colour(STATES[state].colour);
      ctx.beginPath();
      for (let filter = 0; filter < readings.count; filter++) {
        if (readings.state(filter) === state) trace(ctx, plot, subject, filter);
      }
      ctx.stroke();
    }
  }
}

/** Draws one filter's line again, thick and on top. */
export function emphasise(plot: uPlot, subject: Subject, filter: number): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour(STATES[subject.record.readings.state(filter)].colour);
  ctx.lineWidth = 2.5 * devicePixelRatio;
  ctx.lineJoin = "round";
  ctx.beginPath();
  trace(ctx, plot, subject, filter);
  ctx.stroke();
  ctx.restore();
}

/** Adds a filter's line to the path, with no more points than there are pixels. */
function trace(ctx: CanvasRenderingContext2D, plot: uPlot, { history, epochs: all }: Subject, filter: number): void {
  const { epochs } = history;
  const step = Math.max(1, Math.ceil((2 * epochs.length) / plot.bbox.width));
  let before: number | undefined;
  for (let at = 0; at < epochs.length; at += step) {
    const epoch = epochs[at]!;
    const q = history.values[at]!.readings.value("q", filter);
    if (q === null) {
      before = undefined;
      continue;
    }
    const [x, y] = [plot.valToPos(epoch, "x", true), plot.valToPos(Math.max(q, LEAST), "y", true)];
    const joined = before !== undefined && !all.gapBetween(before, epoch, history);
    if (joined) ctx.lineTo(x, y);
    else {
      // A point without neighbours is to be seen too.
      ctx.moveTo(x - DASH * devicePixelRatio, y);
      ctx.lineTo(x + DASH * devicePixelRatio, y);
      ctx.moveTo(x, y);
    }
    before = epoch;
  }
}

/** The filter whose line is nearest to the pointer. */
export function nearestFilter(plot: uPlot, history: History): number | undefined {
  const { idx, top } = plot.cursor;
  const readings = history.values[idx ?? -1]?.readings;
  if (readings === undefined || top == null) return undefined;
  let best: { filter: number; distance: number } | undefined;
  for (let filter = 0; filter < readings.count; filter++) {
    const q = readings.value("q", filter);
    if (q === null) continue;
    const distance = Math.abs(plot.valToPos(Math.max(q, LEAST), "y") - top);
    if (best === undefined || distance < best.distance) best = { filter, distance };
  }
  return best !== undefined && best.distance < 40 ? best.filter : undefined;
}
