import { OverviewExplanation } from "./explanation.tsx";
import { HealthPanel } from "./health.tsx";
import { MetricsPanel } from "./metrics.tsx";
import { SeeingPanel } from "./seeing.tsx";
import { SettlingPanel } from "./settling.tsx";
import { TrainingPanel } from "./training.tsx";

/** How the training stands, at a glance: each part answers one question and leads to the view that says more. */
export function Overview() {
  return (
    <div class="view overview">
      <section class="stage" aria-label="Overview">
        <OverviewExplanation />
        <div class="panels">
          <TrainingPanel />
          <HealthPanel />
          <MetricsPanel />
          <SettlingPanel />
          <SeeingPanel />
        </div>
      </section>
    </div>
  );
}
