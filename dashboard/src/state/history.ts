interface Cut {
  seq: number;
  from: number;
}

/**
 * Which records of a run count: the rule of the protocol. A start at an epoch leaves what was recorded of that epoch and
 * later ones before it; one at epoch 1 leaves everything.
 */
export class History {
  /** Starts that leave something no later start leaves, with rising epochs. */
  private cuts: Cut[] = [];

  /** The training starts; from the epoch that comes back on, what was recorded before is left. */
  start(seq: number, firstEpoch: number): number {
    const from = firstEpoch <= 1 ? 0 : firstEpoch;
    this.cuts = [...this.cuts.filter((cut) => cut.from < from), { seq, from }];
    return from;
  }

  /** Whether a record of this number and epoch counts, whenever it arrives. */
  counts(seq: number, epoch: number): boolean {
    const next = this.cuts.find((cut) => cut.seq > seq);
    return next === undefined || epoch < next.from;
  }
}
