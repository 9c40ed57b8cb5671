import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { axis, Chart, drawEpoch, epochAxis, epochCursor } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import { lonely } from "../../charts/lonely.ts";
import { go, route } from "../../navigation/navigate.ts";
import { isResult } from "../../state/metrics.ts";
import { number } from "../../state/words.ts";
import { measured, seriesOf, SPLIT_NAMES, validatedIn, type Measured } from "./differences.ts";
import type { Compared } from "./runs.ts";

/** Every metric, all runs in one chart. */
export function Overlaid({ runs, revision }: { runs: readonly Compared[]; revision: string }) {
  const models = runs.map(({ run }) => run.model);
  const [metrics, validated] = [measured(models), validatedIn(models)];
  return (
    <section class="compare-part" aria-labelledby="overlaid-title">
      <h2 id="overlaid-title">Metrics</h2>
      {metrics.length === 0 && <p class="note">None of the runs has reported a metric yet.</p>}
      <div class="charts">
        {metrics.map((metric) => (
          <OverlaidChart
            key={`${metric.split} ${metric.name}`}
            metric={metric}
            result={isResult(metric.name, validated)}
            runs={runs}
            revision={revision}
          />
        ))}
      </div>
    </section>
  );
}

interface Props {
  metric: Measured;
  result: boolean;
  runs: readonly Compared[];
  revision: string;
}

function OverlaidChart({ metric, result, runs, revision }: Props) {
  const data = useMemo(
    () =>
      uPlot.join(
        runs.map(({ run }) => {
          const { epochs, values } = seriesOf(run.model, metric)?.byEpoch ?? { epochs: [], values: [] };
          return [epochs.slice(), values.slice()] as uPlot.AlignedData;
        }),
        runs.map(() => [1, 2]),
      ),
    [revision, metric.name, metric.split],
  );
  const current = useMemo(() => ({ epoch: route.value.epoch }), []);
  current.epoch = route.value.epoch;
  const unit = metric.unit === null ? "" : ` ${metric.unit}`;
  const title = metric.unit === null ? metric.name : `${metric.name} (${metric.unit})`;
  const without = runs.filter(({ run }) => seriesOf(run.model, metric) === undefined).map(({ name }) => name);
  return (
    <figure class="plot">
      <figcaption>
        <h3>
          {metric.name}, {SPLIT_NAMES[metric.split]}
        </h3>
        {result && <span>{metric.higherIsBetter ? "higher is better" : "lower is better"}</span>}
        {without.length > 0 && <span>not in {without.join(", ")}</span>}
      </figcaption>
      <Chart
        label={`${title} of ${runs.map(({ name }) => name).join(", ")} over epochs`}
        identity={`${metric.split} ${metric.name} ${runs.map(({ key, name }) => `${key} ${name}`).join()}`}
        height={260}
        data={data}
        redraw={current.epoch}
        onPick={(epoch) => go({ epoch })}
        build={() => ({
          cursor: epochCursor("compared"),
          legend: { live: true, markers: { width: 2, dash: (_, at) => runs[at - 1]?.look.border ?? "solid" } },
          scales: { x: { time: false } },
          axes: [epochAxis(), axis(title, { size: 58 })],
          series: [
            { label: "epoch", value: (_, value) => (value == null ? "–" : String(value)) },
            ...runs.map(
              ({ name, look }): uPlot.Series => ({
                label: name,
                stroke: () => colour(look.colour),
                width: 2,
                dash: look.dash,
                points: { show: false, filter: lonely, size: 7, fill: () => colour(look.colour) },
                value: (_, value) => (value == null ? "–" : `${number(value)}${unit}`),
              }),
            ),
          ],
          hooks: { draw: [(plot) => drawEpoch(plot, current.epoch)] },
        })}
      />
    </figure>
  );
}
