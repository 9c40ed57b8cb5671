// Plays a synthetic run: its records in order, and its status about once a second.
import { Watcher } from "./alerts.mjs";
import { budget, parts } from "./budget.mjs";
import { normal, progress, random } from "./draw.mjs";
import { filters } from "./filters.mjs";
import { health, watchlist } from "./health.mjs";
import { distributions } from "./distributions.mjs";
import { Run } from "./run.mjs";
import { Settlement } from "./settling.mjs";
import { Desk } from "./studies.mjs";

export class Timeline {
  constructor(options) {
    this.options = options;
    this.run = new Run(options);
    this.records = [];
    this.shelves = new Map();
    this.dropped = 0;
    /** How long ago what is recorded now happened, in milliseconds. */
    this.ago = 0;
    this.listeners = new Set();
    this.desk = new Desk(this);
    this.status = {
      state: "starting",
      epoch: 0,
      last_epoch: options.epochs,
      split: null,
      items_done: 0,
      items_total: 0,
      snapshots_dropped: 0,
      analysing: null,
      studies: [],
      next_studies: null,
      stopping: null,
      alive_ms: Date.now(),
    };
  }

  get runId() {
    return this.records.length === 0 ? "" : this.run.id;
  }

  tell() {
    for (const listener of this.listeners) listener();
  }

  record(event) {
    const record = { seq: this.records.length + 1, time_ms: (this.options.startedMs ?? 0) + Date.now() - this.ago, event };
    this.records.push(record);
    for (const key of [event.kind, ...(event.layer ? [`${event.kind} ${event.layer}`] : [])]) {
      if (!this.shelves.has(key)) this.shelves.set(key, []);
      this.shelves.get(key).push(record);
    }
  }

  /** The records of a kind, about one layer or all. */
  shelf(kind, layer) {
    return this.shelves.get(layer === null ? kind : `${kind} ${layer}`) ?? [];
  }

  now(change) {
    Object.assign(this.status, { alive_ms: Date.now() }, change);
    this.tell();
  }

  /** All of the first `past` epochs at once, then the rest at the chosen speed. */
  async play() {
    const { epochs, past, interval, killed, waits } = this.options;
    if (waits) return;
    const each = Math.max(interval, 1);
    this.ago = (past + 1) * each;
    this.record(this.run.started());
    if (!this.options.old) {
      const watched = watchlist(this.run);
      this.record(watched);
      this.watcher = new Watcher(watched);
      this.settlement = new Settlement(this.run);
    }
    this.analyse(0);
    for (let epoch = 1; epoch <= past; epoch++) {
      this.ago = (past - epoch) * each;
      this.epoch(epoch);
    }
    this.ago = 0;
    this.now({ state: "training", epoch: past });
    for (let epoch = past + 1; epoch <= epochs; epoch++) {
      if (killed > 0 && epoch === killed) {
        this.status.alive_ms = Date.now() - 125_000;
        this.tell();
        return;
      }
      for (const [split, total] of [["train", 4000], ["valid", 800]]) {
        for (let part = 0; part <= 4; part++) {
          const analysing = epoch > 1 && split === "train" && part < 2 ? epoch - 1 : null;
          this.now({ epoch, split, items_done: (total * part) / 4, items_total: total, analysing });
          await new Promise((resolve) => setTimeout(resolve, interval / 10));
        }
      }
      this.epoch(epoch);
      this.tell();
      if (this.status.stopping !== null) break;
    }
    const reason = this.status.stopping;
    if (killed > 0 && reason === null) return;
    this.record({ kind: "run_ended", outcome: reason === null ? "finished" : "interrupted", reason });
    this.now({ state: "ended", split: null, items_done: 0, items_total: 0, analysing: null });
  }

  epoch(epoch) {
    const share = (this.options.skill ?? 1) * (1 - Math.exp(-epoch / (this.options.epochs / 4)));
    for (const split of ["train", "valid"]) {
      const over = split === "valid" ? 0.12 * share * share : 0;
      const loss = 2.08 - 1.7 * share + over + 0.03 * normal(epoch, split.length);
      const accuracy = 12.5 + (split === "train" ? 83 : 71) * share + 1.2 * normal(epoch, split.length, 2);
      const diverged = this.options.sick && epoch > 0.85 * this.options.epochs;
      this.metric(epoch, split, "Loss", diverged ? null : loss, null, false);
      this.metric(epoch, split, "Accuracy", Math.min(100, accuracy), "%", true);
    }
    this.metric(epoch, "train", "Learning rate", 0.006 * (1 + Math.cos((Math.PI * epoch) / this.options.epochs)), null, false);
    if (this.options.gaps && epoch % 7 === 5) {
      this.dropped += 1;
      this.status.snapshots_dropped = this.dropped;
      this.record({ kind: "snapshot_dropped", epoch, total: this.dropped });
      return;
    }
    this.analyse(epoch);
  }

  metric(epoch, split, name, value, unit, higher_is_better) {
    this.record({ kind: "metric", epoch, split, name, value, unit, higher_is_better });
    const alert = this.watcher?.metric(split, name, epoch, value);
    if (alert !== undefined) this.record(alert);
  }

  analyse(epoch) {
    const failing = this.options.faults && epoch % 9 === 4 ? this.run.layers.length - 1 : -1;
    this.run.layers.forEach((layer, depth) => {
      if (depth !== failing) return this.record(this.run.features(depth, epoch));
      this.record({ kind: "fault", part: `features of ${layer.name}`, message: "a weight is not finite", epoch });
    });
    this.run.layers.forEach((_, depth) => {
      if (this.options.old && depth > 0) return;
      const event = filters(this.run, depth, epoch);
      if (!this.options.lines) this.record(event);
      if (this.watcher === undefined) return;
      this.record(distributions(this.run, depth, epoch));
      const numbers = health(this.run, depth, epoch, event.readings.state);
      this.record(numbers);
      for (const alert of this.watcher.look(numbers)) this.record(alert);
    });
    this.settle(epoch, failing);
    if (!this.options.old) this.desk.scheduled(epoch);
    const event = { kind: "epoch_analysed", epoch, seconds: 0.4 + 0.2 * random(epoch) };
    if (this.options.old) return this.record(event);
    this.record({ ...event, parts: parts(epoch) });
    this.status.budget = budget(epoch);
  }

  /** How much every layer has changed, and which have settled. */
  settle(epoch, failing) {
    if (this.settlement === undefined) return;
    this.run.layers.forEach((_, depth) => {
      if (depth === failing) return;
      this.record(this.settlement.read(depth, epoch, 0.6 * (1 - progress(depth, epoch, this.options.epochs)) + 0.02 * random(depth, epoch)));
    });
    const news = this.settlement.news(epoch);
    if (news !== undefined) this.record(news);
  }
}
