import { feed } from "../connection/live.ts";
import type { BulkKind } from "../state/model.ts";

const NAMES: { [kind in BulkKind]: string } = {
  layer_features: "pictures",
  layer_filters: "filters",
  layer_health: "readings",
  layer_distributions: "distributions",
  layer_evolution: "changes",
  settling: "settling",
};

/** How far the earlier epochs are that the view shows; nothing when all of them are here. */
export function HistoryState() {
  const histories = feed.value?.histories;
  const progress = histories?.progress.value;
  if (histories === undefined || progress === undefined || progress.state === "complete") return null;
  const { kind, layer } = progress.need;
  const what = `${NAMES[kind]} of ${layer ?? "all layers"}`;
  if (progress.state === "reading") {
    return (
      <div class="history-state" role="status">
        <span>Reading history: {what}</span>
        <progress aria-label={`History: ${what}`} max={1} value={progress.share} />
      </div>
    );
  }
  return (
    <div class="history-state failed" role="alert">
      <span>
        Earlier epochs could not be read ({what}): {progress.reason}. What is shown is right but not complete.
      </span>
      <button type="button" class="plain" onClick={() => histories.retry()}>
        Try again
      </button>
    </div>
  );
}
