import { BULK_KINDS, type Event, type Record, type RunEnded, type RunStarted, type StopAsked } from "../generated/protocol.ts";
import { Alerts } from "./alerts.ts";
import { Costs } from "./budget.ts";
import { Changes } from "./changes.ts";
import { Distributions } from "./distributions.ts";
import { Epochs } from "./epochs.ts";
import { Faults, isOfStudy } from "./faults.ts";
import { Features } from "./features.ts";
import { Filters } from "./filters.ts";
import { Health } from "./health.ts";
import { History } from "./history.ts";
import { Metrics } from "./metrics.ts";
import { Pace } from "./pace.ts";
import { Settlings } from "./settling.ts";
import { Studies } from "./studies.ts";
import { Watched } from "./watched.ts";

export type BulkKind = (typeof BULK_KINDS)[number];
type BulkEvent = Extract<Event, { kind: BulkKind }>;

function isBulk(event: Event): event is BulkEvent {
  return (BULK_KINDS as readonly string[]).includes(event.kind);
}

/**
 * Everything that the records of a run say. It depends on nothing else: same records, same model. Records about
 * layers (the bulk kinds) may come in any order; the others come in theirs.
 */
export class Model {
  /** The newest record applied. */
  seq = 0;
  run: RunStarted | undefined;
  /** How many times the run was started: 2 and more for a run that was continued. */
  starts = 0;
  ended: RunEnded | undefined;
  /** Who last asked the training to end, since it was last started. */
  stopAsked: StopAsked | undefined;
  readonly pace = new Pace();
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

  private readonly history = new History();
  private readonly kept = new Set<string>();

  /** `whole`: whether everything about all layers is kept; otherwise the newest, and the histories that `keep` names. */
  constructor(private readonly whole = true) {}

  /** From now on keeps all records of a kind, about one layer or all. */
  keep(kind: BulkKind, layer?: string): void {
    this.kept.add(keyOf(kind, layer));
  }

  /** Keeps only the newest record again. */
  release(kind: BulkKind, layer?: string): void {
    this.kept.delete(keyOf(kind, layer));
    if (kind === "settling") this.settlings.release();
    else this.byKind[kind].release(layer);
  }

  private keeps(kind: BulkKind, layer?: string): boolean {
    return this.whole || this.kept.has(kind) || (layer !== undefined && this.kept.has(keyOf(kind, layer)));
  }

  private get byKind() {
    return {
      layer_features: this.features,
      layer_filters: this.filters,
      layer_health: this.health,
      layer_distributions: this.distributions,
      layer_evolution: this.changes,
    };
  }

  /** Whether one model is looked into, without a training: there is nothing to compare it with. */
  get single(): boolean {
    const { run } = this;
    return run?.inspection === true && run.first_epoch === run.last_epoch && this.epochs.states.epochs.length <= 1;
  }

  /** The newest epoch that anything is known of. */
  get newestEpoch(): number {
    return Math.max(0, this.epochs.states.epochs.at(-1) ?? 0, this.metrics.newestEpoch);
  }

  /** Applies the next record; one that was applied before is ignored. */
  apply(record: Record): void {
    if (record.seq <= this.seq) return;
    this.seq = record.seq;
    const { event } = record;
    this.pace.apply(record);
    if (isBulk(event)) this.place(record.seq, event);
    else this.follow(record, event);
  }

  /** Everything up to this record has been applied, or has been stood for by a snapshot. */
  reached(seq: number): void {
    this.seq = Math.max(this.seq, seq);
  }

  /** Applies a record of earlier: one about a layer, from a page of history. */
  applyEarlier({ seq, event }: Record): void {
    if (isBulk(event)) this.place(seq, event);
  }

  /** Puts a record about layers where it belongs, whatever has come before it. */
  private place(seq: number, event: BulkEvent): void {
    if (!this.history.counts(seq, event.epoch)) return;
    if (event.kind === "settling") {
      this.settlings.apply(event, { seq, whole: this.keeps(event.kind) });
      return;
    }
    const how = { seq, whole: this.keeps(event.kind, event.layer), dropped: this.epochs.dropOf(event.epoch) };
    this.epochs.seen(event.epoch, seq);
    switch (event.kind) {
      case "layer_features":
        this.features.apply(event, how);
        break;
      case "layer_filters":
        this.filters.apply(event, how);
        break;
      case "layer_health":
        this.health.apply(event, how);
        break;
      case "layer_evolution":
        this.changes.apply(event, how);
        break;
      case "layer_distributions":
        this.distributions.apply(event, how);
        break;
    }
  }

  private follow(record: Record, event: Exclude<Event, BulkEvent>): void {
    switch (event.kind) {
      case "run_started":
        this.run = event;
        this.starts += 1;
        this.ended = undefined;
        this.stopAsked = undefined;
        this.start(record.seq, event.first_epoch);
        break;
      case "watchlist":
        this.watched = new Watched(event);
        break;
      case "metric":
        this.metrics.apply(event);
        break;
      case "study":
        this.studies.apply(record.seq, event);
        break;
      case "alert":
        this.alerts.apply(record.seq, event);
        break;
      case "silence":
        this.alerts.silence(event);
        break;
      case "stop_asked":
        this.stopAsked = event;
        break;
      case "epoch_analysed":
        this.epochs.analysed(event.epoch, event.seconds, event.parts);
        this.costs.apply(event);
        break;
      case "snapshot_dropped":
        this.dropped = event.total;
        this.drop(event.epoch, record.seq);
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

  /** The training starts: what was recorded of its epoch and later ones before it no longer counts. */
  private start(seq: number, firstEpoch: number): void {
    const from = this.history.start(seq, firstEpoch);
    if (this.starts === 1) return;
    const { metrics, settlings, studies, alerts, costs, epochs, faults } = this;
    for (const each of [...Object.values(this.byKind), metrics, settlings, studies, alerts, costs, epochs, faults]) each.leave(from, seq);
  }

  private drop(epoch: number, seq: number): void {
    for (const each of Object.values(this.byKind)) each.drop(epoch, seq);
    this.studies.forget(epoch);
    this.epochs.dropped(epoch, seq);
  }
}

function keyOf(kind: BulkKind, layer: string | undefined): string {
  return layer === undefined ? kind : `${kind} ${layer}`;
}
