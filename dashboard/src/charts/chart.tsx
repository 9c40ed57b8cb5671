import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { colours } from "../navigation/preferences.ts";
import { colour } from "./colours.ts";

interface Props {
  /** What the chart shows, for people who cannot see it. */
  label: string;
  /** Another identity builds the chart anew; otherwise only the data changes. */
  identity: string;
  build: () => Partial<uPlot.Options> & { series: uPlot.Series[] };
  data: uPlot.AlignedData;
  /** Goes up when something that hooks draw has changed. */
  redraw?: unknown;
  height: number;
  onPick?: (epoch: number, plot: uPlot) => void;
}

/** A uPlot chart over epochs that takes the width it is given. */
export function Chart({ label, identity, build, data, redraw, height, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const pick = useRef(onPick);
  pick.current = onPick;
  const palette = colours.value;

  useLayoutEffect(() => {
    const parent = box.current!;
    const options: uPlot.Options = { width: parent.clientWidth || 300, height, ...build() };
    const chart = new uPlot(options, data, parent);
    plot.current = chart;
    (chart.hooks.setLegend ??= []).push((self) => {
      if (self.legend.idx == null) showLatest(self);
    });
    showLatest(chart);
    chart.over.addEventListener("click", () => {
      const epoch = chart.data[0][chart.cursor.idx ?? -1];
      if (epoch !== undefined) pick.current?.(epoch, chart);
    });
    const observer = new ResizeObserver(() => {
      if (parent.clientWidth > 0) chart.setSize({ width: parent.clientWidth, height });
    });
    observer.observe(parent);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [identity, height]);

  useEffect(() => {
    const chart = plot.current;
    if (chart === undefined) return;
    chart.setData(data);
    if (chart.cursor.idx == null) showLatest(chart);
  }, [data]);
  useEffect(() => plot.current?.redraw(false, true), [redraw, palette]);

  return <div class="chart" ref={box} role="img" aria-label={label} />;
}

/** Without a pointer on the chart, its legend shows the latest values. */
function showLatest(plot: uPlot): void {
  const idx = plot.data[0].length - 1;
  if (plot.legend.show && idx >= 0) plot.setLegend({ idx });
}

const STEPS = [1, 2, 5].flatMap((n) => [0, 1, 2, 3, 4, 5, 6].map((e) => n * 10 ** e)).sort((a, b) => a - b);

/** An axis in the page's colours. */
export function axis(label: string, more: Partial<uPlot.Axis> = {}): uPlot.Axis {
  return {
    label,
    labelSize: 18,
    labelFont: "12px system-ui, sans-serif",
    font: "12px system-ui, sans-serif",
    stroke: () => colour("ink-2"),
    grid: { stroke: () => colour("line-soft"), width: 1 },
    ticks: { stroke: () => colour("line"), width: 1, size: 4 },
    gap: 4,
    ...more,
  };
}

export function epochAxis(): uPlot.Axis {
  return axis("epoch", { incrs: STEPS, size: 28 });
}

/** Moves the pointer's line to the nearest epoch. */
export const snap: NonNullable<uPlot.Cursor["move"]> = (plot, left, top) => {
  const epoch = left < 0 ? undefined : plot.data[0][plot.posToIdx(left)];
  return [epoch === undefined ? left : Math.round(plot.valToPos(epoch, "x")), top];
};

/** Epochs from 0 to the newest, with a little room. */
export function epochScale(current: { newest: number }): uPlot.Scale {
  return { time: false, range: () => [-0.015 * current.newest, 1.015 * current.newest] };
}

/** One upright line at the pointer's epoch, in all charts of that key. */
export function epochCursor(key: string): uPlot.Cursor {
  return { move: snap, y: false, points: { size: 6 }, sync: { key } };
}

/** A thin vertical line at the selected epoch. */
export function drawEpoch(plot: uPlot, epoch: number | undefined): void {
  if (epoch === undefined) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(epoch, "x", true)) + 0.5;
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colour("ink-3", 0.7);
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
