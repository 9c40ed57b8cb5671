import { outputWords } from "../../state/outputs.ts";
import { store, useModel } from "../../state/store.ts";
import { Notice } from "../notice.tsx";
import { useGoing, useInspecting } from "../pending.tsx";
import { Branches } from "./branches.tsx";
import { Budget } from "./budget.tsx";
import { LatestTable } from "./latest.tsx";
import { MetricChart } from "./metric.tsx";

/** Every metric of the training. */
export function Training() {
  const model = useModel();
  const metrics = [...model.metrics.all.values()];
  const run = model.run!;
  return (
    <div class="view training">
      <section class="stage" aria-label="Metrics by epoch">
        <details class="explanation">
          <summary>What am I looking at?</summary>
          <p>
            Each chart shows one number that the training reports after every epoch, on the <b>training</b> data and on
            the <b>validation</b> data, which the network does not learn from. A loss is what training makes small. When
            the validation loss rises while the training loss still falls, the network is learning its training data by
            heart. The ring marks the best epoch on the validation data. Gaps are values that were not finite.
          </p>
        </details>
        {metrics.length === 0 ? (
          <NoMetrics />
        ) : (
          <>
            <div class="charts">
              {metrics.map((metric) => (
                <MetricChart key={metric.name} metric={metric} revision={store.revision.value} />
              ))}
            </div>
            <LatestTable metrics={metrics} />
          </>
        )}
        <Branches run={run} />
        <Budget />
        <dl class="run-facts" aria-label="The run">
          <div>
            <dt>parameters</dt>
            <dd>{run.parameters.toLocaleString("en")}</dd>
          </div>
          <div>
            <dt>input</dt>
            <dd>{run.input_shape.join(" × ")}</dd>
          </div>
          {run.output !== undefined && (
            <div>
              <dt>output</dt>
              <dd title={run.output.reason}>{outputWords(run.output)}</dd>
            </div>
          )}
          <div>
            <dt>probe images</dt>
            <dd>{run.probe.atlas.count}</dd>
          </div>
          <div>
            <dt>spyhole</dt>
            <dd>{run.spyhole_version}</dd>
          </div>
          <div>
            <dt>run</dt>
            <dd>{run.run_id}</dd>
          </div>
        </dl>
      </section>
    </div>
  );
}

function NoMetrics() {
  const going = useGoing();
  if (useInspecting()) return <Notice title="There are no metrics">An inspection looks at a trained model, and measures no loss or accuracy.</Notice>;
  if (!going) return <Notice title="No metrics were recorded">The training reported none, or ended before its first epoch was over.</Notice>;
  return (
    <Notice title="No metrics yet" busy>
      They arrive at the end of the first epoch. If the training reports no metrics, this view stays empty.
    </Notice>
  );
}
