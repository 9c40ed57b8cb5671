import type { Record, RunEnded, RunStarted } from "../generated/protocol.ts";
import { Alerts } from "./alerts.ts";
import { Costs } from "./budget.ts";
import { Changes } from "./changes.ts";
import { Distributions } from "./distributions.ts";
import { Epochs } from "./epochs.ts";
import { Faults, isOfStudy } from "./faults.ts";
import { Features } from "./features.ts";
import { Filters } from "./filters.ts";
import { Health } from "./health.ts";
import { Metrics } from "./metrics.ts";
import { Settlings } from "./settling.ts";
import { Studies } from "./studies.ts";
import { Watched } from "./watched.ts";

/** With fewer probe images representations cannot be compared. */
export const LEAST_IMAGES = 4;

/** Everything that the records of a run say. It depends on nothing else: same records, same model. */
export class Model {
  /** The newest record applied. */
  seq = 0;
  run: RunStarted | undefined;
  /** How many times the run was started: 2 and more for a run that was resumed. */
  starts = 0;
  ended: RunEnded | undefined;
  dropped = 0;
  readonly metrics = new Metrics();
  readonly features = new Features();
  readonly filters = new Filters();
  readonly health = new Health();
  readonly changes = new Changes();
  readonly distributions = new Distributions();
  readonly settlings = new Settlings();
  readonly studies = new Studies();
  readonly alerts = new Alerts();
  /** What is measured and watched; undefined in runs recorded before there was a watchlist. */
  watched: Watched | undefined;
  readonly costs = new Costs();
  readonly epochs = new Epochs();
  readonly faults = new Faults();

  /** The newest epoch that anything is known of. */
  get newestEpoch(): number {
    return Math.max(0, this.epochs.states.epochs.at(-1) ?? 0, this.metrics.newestEpoch);
  }

  /** Whether there are enough probe images to compare what a layer says about them. */
  get comparable(): boolean {
    return (this.run?.probe.atlas.count ?? 0) >= LEAST_IMAGES;
  }

  /** Applies the next record; one that was applied before is ignored. */
  apply(record: Record): void {
    if (record.seq <= this.seq) return;
    this.seq = record.seq;
    const { event } = record;
    switch (event.kind) {
      case "run_started":
        this.run = event;
        this.starts += 1;
        this.ended = undefined;
        this.alerts.restarted(event.first_epoch);
        break;
      case "watchlist":
        this.watched = new Watched(event);
        break;
      case "metric":
        this.metrics.apply(event);
        break;
      case "layer_features":
        this.features.apply(event);
        this.epochs.seen(event.epoch);
        break;
      case "layer_filters":
        this.filters.apply(event);
        this.epochs.seen(event.epoch);
        break;
      case "layer_health":
        this.health.apply(event);
        this.epochs.seen(event.epoch);
        break;
      case "layer_evolution":
        this.changes.apply(event);
        this.epochs.seen(event.epoch);
        break;
      case "layer_distributions":
        this.distributions.apply(event);
        this.epochs.seen(event.epoch);
        break;
      case "study":
        this.studies.apply(record.seq, event);
        break;
      case "settling":
        this.settlings.apply(event);
        break;
      case "alert":
        this.alerts.apply(record.seq, event);
        break;
      case "epoch_analysed":
        this.epochs.analysed(event.epoch, event.seconds);
        this.costs.apply(event);
        break;
      case "snapshot_dropped":
        this.dropped = event.total;
        this.features.forget(event.epoch);
        this.filters.forget(event.epoch);
        this.health.forget(event.epoch);
        this.changes.forget(event.epoch);
        this.distributions.forget(event.epoch);
        this.studies.forget(event.epoch);
        this.epochs.dropped(event.epoch);
        break;
      case "fault":
        this.faults.apply(record.seq, record.time_ms, event);
        if (event.epoch !== null && !isOfStudy(event)) this.epochs.failed(event.epoch, `${event.part}: ${event.message}`);
        break;
      case "run_ended":
        this.ended = event;
        break;
    }
  }
}
