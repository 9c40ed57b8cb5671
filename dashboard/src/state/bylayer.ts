interface Recorded {
  epoch: number;
  layer: string;
}

/** How records become a layer's history. */
interface Making<R, H> {
  make(): H;
  put(history: H, record: R): void;
  drop(history: H, epoch: number): void;
  /** Takes what only the newest record of the layer says. */
  latest?(history: H, record: R): void;
  /** That no longer counts. */
  unsay?(history: H): void;
}

interface Entry<R, H> {
  history: H;
  /** By epoch, the record that its values are from. */
  seqs: Map<number, number>;
  /** Undefined: it is not here, since others were left. */
  newest: R | undefined;
  newestSeq: number;
}

/** How a record is to be taken. */
export interface Taking {
  seq: number;
  /** Whether the layer's whole history is kept; otherwise only its newest record is. */
  whole: boolean;
  /** The record that said that the epoch was dropped; 0: none did. */
  dropped: number;
}

/**
 * Per layer, what was recorded of it by epoch. For an epoch that was recorded more than once the record with the
 * highest number counts, so that the order in which records arrive makes no difference.
 */
export class ByLayer<R extends Recorded, H> {
  private readonly layers = new Map<string, Entry<R, H>>();

  constructor(private readonly making: Making<R, H>) {}

  apply(record: R, { seq, whole, dropped }: Taking): void {
    let entry = this.layers.get(record.layer);
    if (entry !== undefined && !whole && seq < entry.newestSeq) return;
    if (entry === undefined || !whole) {
      entry = { history: this.making.make(), seqs: new Map(), newest: record, newestSeq: 0 };
      this.layers.set(record.layer, entry);
    }
    if (seq >= entry.newestSeq) {
      entry.newest = record;
      entry.newestSeq = seq;
      this.making.latest?.(entry.history, record);
    }
    if (seq < dropped || seq < (entry.seqs.get(record.epoch) ?? 0)) return;
    entry.seqs.set(record.epoch, seq);
    this.making.put(entry.history, record);
  }

  /** An epoch was dropped: what was recorded of it earlier no longer holds. */
  drop(epoch: number, seq: number): void {
    for (const { history, seqs } of this.layers.values()) {
      if ((seqs.get(epoch) ?? Infinity) > seq) continue;
      seqs.delete(epoch);
      this.making.drop(history, epoch);
    }
  }

  /** The run was continued from an earlier epoch: what was recorded of this one and later ones no longer counts. */
  leave(from: number, seq: number): void {
    for (const [layer, entry] of [...this.layers]) {
      for (const [epoch, at] of [...entry.seqs]) {
        if (epoch < from || at > seq) continue;
        entry.seqs.delete(epoch);
        this.making.drop(entry.history, epoch);
      }
      if (entry.newest === undefined || entry.newest.epoch < from || entry.newestSeq > seq) continue;
      // Of the record that is the newest now only the values are here.
      entry.newest = undefined;
      entry.newestSeq = Math.max(0, ...entry.seqs.values());
      this.making.unsay?.(entry.history);
      if (entry.seqs.size === 0) this.layers.delete(layer);
    }
  }

  /** Of a layer, or of all, only the newest record stays. */
  release(layer: string | undefined): void {
    for (const [name, { newest, newestSeq, seqs }] of [...this.layers]) {
      if (layer !== undefined && layer !== name) continue;
      this.layers.delete(name);
      if (newest === undefined) continue;
      const dropped = seqs.get(newest.epoch) === newestSeq ? 0 : newestSeq + 1;
      this.apply(newest, { seq: newestSeq, whole: false, dropped });
    }
  }

  of(layer: string): H | undefined {
    return this.layers.get(layer)?.history;
  }

  get size(): number {
    return this.layers.size;
  }
}
