import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { axis, Chart, drawEpoch, snap, epochAxis } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import type { Split } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { isResult, type MetricSeries, type NamedMetric } from "../../state/metrics.ts";
import { useModel } from "../../state/store.ts";
import { number } from "../../state/words.ts";

const NAMES: { [split in Split]: string } = { train: "training", valid: "validation" };
const SPLITS: readonly Split[] = ["train", "valid"];

/** One metric over epochs, on every split it was measured on. */
export function MetricChart({ metric, revision, height = 280 }: { metric: NamedMetric; revision: number; height?: number }) {
  const splits = SPLITS.filter((split) => metric.splits[split] !== undefined);
  const data = useMemo(
    () =>
      uPlot.join(
        splits.map((split) => {
          const { epochs, values } = metric.splits[split]!.byEpoch;
          return [epochs.slice(), values.slice()] as uPlot.AlignedData;
        }),
        splits.map(() => [1, 2]),
      ),
    [metric, revision, splits.length],
  );
  const judged: Split = splits.includes("valid") ? "valid" : "train";
  const result = isResult(metric.name, useModel().metrics.validated);
  const best = result ? metric.splits[judged]?.best : undefined;
  const current = useMemo(() => ({ metric, best, epoch: route.value.epoch }), []);
  Object.assign(current, { metric, best, epoch: route.value.epoch });
  // An alert about it leads here.
  const ringed = splits.some((split) => route.value.statistic === `${split}:${metric.name}`);
  const unit = metric.unit === null ? "" : ` ${metric.unit}`;
  const title = metric.unit === null ? metric.name : `${metric.name} (${metric.unit})`;
  return (
    <figure class={`plot${ringed ? " selected" : ""}`}>
      <figcaption>
        <h2>{metric.name}</h2>
        {result && <span>{metric.higherIsBetter ? "higher is better" : "lower is better"}</span>}
        {best !== undefined && (
          <b class="reading">
            best {number(best.value)}
            {unit} <small>at epoch {best.epoch}</small>
          </b>
        )}
      </figcaption>
      <Chart
        label={`${title} over epochs${best ? `; best on ${NAMES[judged]} data ${number(best.value)} at epoch ${best.epoch}` : ""}`}
        identity={`${metric.name} ${splits.join()}`}
        height={height}
        data={data}
        redraw={`${current.epoch} ${best?.epoch}`}
        onPick={(epoch) => go({ epoch })}
        build={() => ({
          cursor: { move: snap, y: false, sync: { key: "epochs" }, points: { size: 7 } },
          legend: { live: true },
          scales: { x: { time: false } },
          axes: [epochAxis(), axis(title, { size: 58 })],
          series: [
            { label: "epoch", value: (_, value) => (value == null ? "–" : String(value)) },
            ...splits.map(
              (split): uPlot.Series => ({
                label: NAMES[split],
                stroke: () => colour(split),
                width: split === judged ? 2.25 : 1.5,
                points: { size: 5, fill: () => colour(split) },
                value: (plot, value, _, at) => (value == null ? absent(current.metric.splits[split], plot.data[0][at ?? -1]) : `${number(value)}${unit}`),
              }),
            ),
          ],
          hooks: {
            draw: [
              (plot) => {
                drawEpoch(plot, current.epoch);
                if (current.best !== undefined) drawRing(plot, current.best, judged);
              },
            ],
          },
        })}
      />
    </figure>
  );
}

/** Why there is no value at an epoch. */
function absent(series: MetricSeries | undefined, epoch: number | undefined): string {
  return epoch !== undefined && series?.byEpoch.get(epoch) === null ? "not finite" : "–";
}

function drawRing(plot: uPlot, best: { epoch: number; value: number }, name: string): void {
  const { ctx } = plot;
  const [x, y] = [plot.valToPos(best.epoch, "x", true), plot.valToPos(best.value, "y", true)];
  ctx.save();
  ctx.strokeStyle = colour(name);
  ctx.fillStyle = colour("surface");
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  ctx.arc(x, y, 5 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}
