import { signal } from "@preact/signals";
import type { Record, RecordPage } from "../generated/protocol.ts";
import type { BulkKind, Model } from "../state/model.ts";
import type { Page } from "../source/source.ts";
import { dug, extent, filled, type Hole } from "./holes.ts";

/** What a view shows of all epochs: the records of a kind, about one layer or all. */
export interface Need {
  kind: BulkKind;
  layer?: string;
}

/**
 * So many layers' histories are kept of each kind; the ones that were looked at longest ago go back to their newest
 * record. A layer of 512 filters takes 15 MB for 1,000 epochs, most take 2: a page that has shown every layer of a
 * large run stays below about 100 MB. The histories of all layers together (health, changes, settling) are numbers
 * only, about 25 MB for 1,000 epochs of 30 layers, and are kept once they were read.
 */
export const LAYERS_KEPT = 6;

/** How far the histories are that are looked at. */
export type Progress =
  | { state: "complete" }
  | { state: "reading"; need: Need; share: number }
  | { state: "failed"; need: Need; reason: string };

interface History {
  need: Need;
  /** In order. */
  holes: Hole[];
  /** Number of records to be read when reading began. */
  whole: number;
  used: number;
  failed: string | undefined;
}

/**
 * Reads what views need of earlier epochs, page by page, the newest first, what is looked at first. Snapshots say what
 * there is to read; the records that come afterwards reach the model by themselves.
 */
export class Histories {
  readonly progress = signal<Progress>({ state: "complete" });
  private readonly histories = new Map<string, History>();
  private wanted: History[] = [];
  private reading = false;
  private clock = 0;
  /** Goes up when everything is forgotten: an answer to an older question no longer counts. */
  private generation = 0;

  constructor(
    private readonly model: () => Model,
    private readonly load: (page: Page) => Promise<RecordPage>,
    /** Applies a page; it is told again when the model holds more or less than before. */
    private readonly apply: (records: readonly Record[]) => void,
  ) {}

  /** A snapshot stood for these records. */
  missed(from: number, to: number): void {
    for (const history of this.histories.values()) {
      history.holes = dug(history.holes, { from, to });
      history.whole = extent(history.holes);
    }
    this.go();
  }

  /** Says what is looked at now; what was wanted before is read no further. */
  want(needs: readonly Need[]): void {
    this.clock += 1;
    this.wanted = needs.map((need) => this.open(need));
    for (const history of this.wanted) history.used = this.clock;
    this.evict();
    this.go();
  }

  /** Reads again what could not be read. */
  retry(): void {
    for (const history of this.histories.values()) history.failed = undefined;
    this.go();
  }

  /** Whether epochs of a layer are still to be read, or cannot be: why. */
  standing(need: Need): Progress {
    const history = this.histories.get(need.kind) ?? this.histories.get(keyOf(need));
    return history === undefined ? { state: "reading", need, share: 0 } : standingOf(history);
  }

  reset(): void {
    this.generation += 1;
    this.reading = false;
    this.histories.clear();
    const needs = this.wanted.map(({ need }) => need);
    this.wanted = [];
    this.want(needs);
  }

  private open(need: Need): History {
    const key = this.histories.has(need.kind) ? need.kind : keyOf(need);
    let history = this.histories.get(key);
    if (history === undefined) {
      const { seq } = this.model();
      const holes = seq > 0 ? [{ from: 1, to: seq }] : [];
      history = { need, holes, whole: seq, used: 0, failed: undefined };
      this.histories.set(key, history);
      this.model().keep(need.kind, need.layer);
    }
    return history;
  }

  private evict(): void {
    const byKind = new Map<BulkKind, History[]>();
    for (const history of this.histories.values()) {
      if (history.need.layer === undefined) continue;
      const { kind } = history.need;
      byKind.set(kind, [...(byKind.get(kind) ?? []), history]);
    }
    for (const [kind, all] of byKind) {
      const old = all.sort((a, b) => b.used - a.used).slice(LAYERS_KEPT);
      for (const { need } of old) {
        this.histories.delete(keyOf(need));
        // What the history of all layers holds stays.
        if (!this.histories.has(kind)) this.model().release(kind, need.layer);
      }
    }
  }

  private go(): void {
    this.tell();
    if (!this.reading) void this.read();
  }

  private async read(): Promise<void> {
    const { generation } = this;
    this.reading = true;
    for (;;) {
      const next = this.wanted.find(({ holes, failed }) => holes.length > 0 && failed === undefined);
      if (next === undefined) break;
      const before = next.holes[next.holes.length - 1]!.to + 1;
      try {
        const page = await this.load({ kind: next.need.kind, layer: next.need.layer, before });
        if (generation !== this.generation) return;
        if (page.before !== null && page.before >= before) throw new Error("the server sends the same records again");
        this.take(next, before, page);
      } catch (error) {
        if (generation !== this.generation) return;
        next.failed = error instanceof Error ? error.message : String(error);
      }
      this.tell();
    }
    this.reading = false;
  }

  private take(history: History, before: number, page: RecordPage): void {
    const later = history.holes.filter(({ from }) => from >= before);
    history.holes = [...filled(history.holes.filter(({ from }) => from < before), page.before), ...later];
    // One that was given up while the page was on its way holds only its newest record.
    if (this.histories.get(keyOf(history.need)) === history) this.apply(page.records);
  }

  private tell(): void {
    const open = this.wanted.map(standingOf);
    this.progress.value = open.find(({ state }) => state === "failed") ?? open.find(({ state }) => state === "reading") ?? { state: "complete" };
  }
}

function standingOf({ need, holes, whole, failed }: History): Progress {
  if (holes.length === 0) return { state: "complete" };
  if (failed !== undefined) return { state: "failed", need, reason: failed };
  return { state: "reading", need, share: whole === 0 ? 0 : 1 - extent(holes) / whole };
}

function keyOf({ kind, layer }: Need): string {
  return layer === undefined ? kind : `${kind} ${layer}`;
}
