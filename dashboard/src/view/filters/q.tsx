import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { axis, Chart, drawEpoch, epochAxis, snap } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import { drawLevels } from "../../charts/marks.ts";
import { go } from "../../navigation/navigate.ts";
import { colours } from "../../navigation/preferences.ts";
import type { FilterEpoch } from "../../state/filters.ts";
import type { EpochSeries } from "../../state/series.ts";
import type { Model } from "../../state/model.ts";
import { store } from "../../state/store.ts";
import { number } from "../../state/words.ts";
import { emphasise, extremes, Lines, nearestFilter } from "./lines.ts";

interface Props {
  model: Model;
  history: EpochSeries<FilterEpoch>;
  record: FilterEpoch;
  epoch: number;
  chosen: number | undefined;
  name: string;
}

/** Q of every filter over epochs, with the range in which noise lies. */
export function QChart({ model, history, record, epoch, chosen, name }: Props) {
  const revision = store.revision.value;
  const [low, high] = useMemo(() => extremes(history), [history, revision]);
  const data = useMemo<uPlot.AlignedData>(() => [history.epochs.slice(), low, high], [low, high]);
  const current = useMemo(() => ({ subject: { history, record, epochs: model.epochs }, epoch, chosen, key: "", lines: new Lines() }), []);
  const key = `${name} ${epoch} ${revision} ${colours.value}`;
  Object.assign(current, { subject: { history, record, epochs: model.epochs }, epoch, chosen, key });
  const critical = record.test.q_critical;
  const value = chosen === undefined ? undefined : record.readings.value("q", chosen);
  if (high.every((each) => each === null)) {
    return (
      <figure class="plot">
        <figcaption>
          <h3>Structure Q per filter</h3>
        </figcaption>
        <p class="empty">No filter of this layer has a Q: its kernels are 1×1, all zeros, or not finite.</p>
      </figure>
    );
  }
  return (
    <figure class="plot">
      <figcaption>
        <h3>Structure Q per filter</h3>
        <span>logarithmic; coloured by the state at the selected epoch</span>
        <b class="reading">
          {chosen === undefined ? `${record.readings.count} filters` : `filter ${chosen}: ${value == null ? "–" : number(value)}`}
        </b>
      </figcaption>
      <Chart
        label={`Q of ${record.readings.count} filters of ${name} over epochs`}
        identity={`${name} ${critical}`}
        height={280}
        data={data}
        redraw={`${key} ${chosen}`}
        onPick={(picked, plot) => go({ epoch: picked, map: nearestFilter(plot, current.subject.history) })}
        build={() => ({
          legend: { show: false },
          cursor: { move: snap, points: { show: false } },
          scales: {
            x: { time: false },
            y: { distr: 3, range: (_, least, most) => [Math.min(1, least ?? 1), Math.max(30, (most ?? 30) * 1.2)] },
          },
          axes: [
            epochAxis(),
            axis("Q", { size: 52, values: (_, splits) => splits.map((v) => (isDecade(v) ? String(v) : "")) }),
          ],
          // The lines themselves are drawn by hand; these only tell the axis how far to reach.
          series: [{}, ...[0, 1].map((): uPlot.Series => ({ paths: () => null, points: { show: false } }))],
          hooks: {
            drawAxes: [
              (plot) => {
                if (critical !== null) drawBand(plot, critical);
              },
            ],
            draw: [
              (plot) => {
                const { subject, epoch, chosen, key, lines } = current;
                lines.draw(plot, subject, key, chosen === undefined ? 0.6 : 0.2);
                drawEpoch(plot, epoch);
                if (chosen !== undefined) emphasise(plot, subject, chosen);
                if (critical !== null) {
                  drawLevels(plot, [{ value: critical, words: `critical: ${number(critical)}`, colour: "ink-2", dash: [5, 4] }]);
                }
              },
            ],
          },
        })}
      />
    </figure>
  );
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
