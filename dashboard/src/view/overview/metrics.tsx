import type { Metrics, NamedMetric } from "../../state/metrics.ts";
import { store, useModel } from "../../state/store.ts";
import { MetricChart } from "../training/metric.tsx";
import { useGoing, useInspecting } from "../pending.tsx";
import { Panel } from "./panel.tsx";

const SHOWN = 3;
const HEIGHT = 190;

/** How well? */
export function MetricsPanel() {
  const { metrics } = useModel();
  const going = useGoing();
  const inspecting = useInspecting();
  const main = mainMetrics(metrics);
  const others = metrics.all.size - main.length;
  return (
    <Panel
      name="metrics"
      question="How well does it do?"
      more={{ view: "training", epoch: undefined }}
      moreWords={others > 0 ? `${others} more` : "all metrics"}
    >
      {main.length === 0 ? (
        <p class="detail-words">
          {inspecting
            ? "Not known: an inspection looks at a trained model, and measures no loss or accuracy."
            : going
            ? "No metrics yet: they arrive at the end of the first epoch. If the training reports none, this stays empty."
            : "No metrics were recorded: the training reported none, or ended before its first epoch was over."}
        </p>
      ) : (
        <div class="charts">
          {main.map((metric) => (
            <MetricChart key={metric.name} metric={metric} revision={store.revision.value} height={HEIGHT} />
          ))}
        </div>
      )}
    </Panel>
  );
}

/** Those that were measured on both splits, in their order; what was measured on one only if there are no others. */
function mainMetrics({ all }: Metrics): NamedMetric[] {
  const metrics = [...all.values()];
  const judged = metrics.filter(({ splits }) => splits.valid !== undefined);
  return (judged.length > 0 ? judged : metrics).slice(0, SHOWN);
}
