import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { axis, Chart, drawEpoch, snap, drawLevel, epochAxis } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import type { LayerFilters } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import type { LayerFilterHistory } from "../../state/filters.ts";
import { store } from "../../state/store.ts";
import { number } from "../../state/words.ts";
import { VERDICTS } from "./verdicts.ts";

interface Props {
  history: LayerFilterHistory;
  record: LayerFilters;
  epoch: number;
  chosen: number | undefined;
  name: string;
}

/** Q of every filter over epochs, with the range in which noise lies. */
export function QChart({ history, record, epoch, chosen, name }: Props) {
  const revision = store.revision.value;
  const data = useMemo<uPlot.AlignedData>(
    () => [history.byEpoch.epochs.slice(), ...history.q.map((column) => column.map(positive))],
    [history, revision],
  );
  const current = useMemo(() => ({ record, epoch, chosen }), []);
  Object.assign(current, { record, epoch, chosen });
  const critical = record.test.q_critical;
  const reading = chosen === undefined ? undefined : record.filters[chosen];
  const line = (filter: number): uPlot.Series => ({
    label: `filter ${filter}`,
    stroke: () => {
      const verdict = current.record.filters[filter]?.verdict ?? "not_applicable";
      return colour(VERDICTS[verdict].colour, current.chosen === undefined ? 0.55 : current.chosen === filter ? 1 : 0.16);
    },
    width: 1.25,
    points: { show: history.byEpoch.length < 3 },
  });
  return (
    <figure class="plot">
      <figcaption>
        <h3>Structure Q per filter</h3>
        <span>logarithmic; coloured by the verdict at the selected epoch</span>
        <b class="reading">
          {reading === undefined ? `${history.q.length} filters` : `filter ${chosen}: ${reading.q === null ? "–" : number(reading.q)}`}
        </b>
      </figcaption>
      <Chart
        label={`Q of ${history.q.length} filters of ${name} over epochs`}
        identity={`${name} ${history.q.length} ${history.byEpoch.length < 3}`}
        height={300}
        data={data}
        redraw={`${epoch} ${chosen}`}
        onPick={(picked, plot) => go({ epoch: picked, map: nearestFilter(plot) })}
        build={() => ({
          legend: { show: false },
          cursor: { move: snap, points: { show: false } },
          scales: {
            x: { time: false },
            y: { distr: 3, range: (_, low, high) => [Math.min(1, low ?? 1), Math.max(30, (high ?? 30) * 1.2)] },
          },
          axes: [
            epochAxis(),
            axis("Q", { size: 52, values: (_, splits) => splits.map((v) => (isDecade(v) ? String(v) : "")) }),
          ],
          series: [{}, ...history.q.map((_, filter) => line(filter))],
          hooks: {
            drawAxes: [
              (plot) => {
                if (critical !== null) drawBand(plot, critical);
              },
            ],
            draw: [
              (plot) => {
                if (critical !== null) drawLevel(plot, critical, `critical: ${number(critical)}`, "ink-2");
                drawEpoch(plot, current.epoch);
                if (current.chosen !== undefined) emphasise(plot, current.chosen, current.record);
              },
            ],
          },
        })}
      />
    </figure>
  );
}

/** A logarithmic axis has no zero. */
function positive(value: number | null): number | null {
  return value === null ? null : Math.max(value, 0.01);
}

function isDecade(value: number): boolean {
  return Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6);
}

function drawBand(plot: uPlot, critical: number): void {
  const { ctx, bbox } = plot;
  const top = Math.max(bbox.top, plot.valToPos(critical, "y", true));
  ctx.save();
  ctx.fillStyle = colour("noise", 0.09);
  ctx.fillRect(bbox.left, top, bbox.width, Math.max(0, bbox.top + bbox.height - top));
  ctx.fillStyle = colour("ink-3");
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.fillText("noise lies here", bbox.left + 6 * devicePixelRatio, bbox.top + bbox.height - 4 * devicePixelRatio);
  ctx.restore();
}

/** Draws one filter's line again, thick and on top. */
function emphasise(plot: uPlot, filter: number, record: LayerFilters): void {
  const column = plot.data[filter + 1];
  if (column === undefined) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour(VERDICTS[record.filters[filter]?.verdict ?? "not_applicable"].colour);
  ctx.lineWidth = 2.5 * devicePixelRatio;
  ctx.lineJoin = "round";
  ctx.beginPath();
  let pen = false;
  plot.data[0].forEach((epoch, index) => {
    const value = column[index];
    if (value == null) {
      pen = false;
      return;
    }
    const [x, y] = [plot.valToPos(epoch, "x", true), plot.valToPos(value, "y", true)];
    if (pen) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    pen = true;
  });
  ctx.stroke();
  ctx.restore();
}

/** The filter whose line is nearest to the pointer. */
function nearestFilter(plot: uPlot): number | undefined {
  const { idx, top } = plot.cursor;
  if (idx == null || top == null) return undefined;
  let best: { filter: number; distance: number } | undefined;
  for (let series = 1; series < plot.data.length; series++) {
    const value = plot.data[series]![idx];
    if (value == null) continue;
    const distance = Math.abs(plot.valToPos(value, "y") - top);
    if (best === undefined || distance < best.distance) best = { filter: series - 1, distance };
  }
  return best !== undefined && best.distance < 40 ? best.filter : undefined;
}
