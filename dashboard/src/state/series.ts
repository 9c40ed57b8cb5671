/** Values by epoch, with the epochs in order. Appending is O(1); an epoch set again is replaced. */
export class EpochSeries<T> {
  readonly epochs: number[] = [];
  readonly values: T[] = [];

  get length(): number {
    return this.epochs.length;
  }

  /** Position of `epoch`, or where it would be inserted. */
  position(epoch: number): number {
    const { epochs } = this;
    const last = epochs.length - 1;
    if (last < 0 || epoch > epochs[last]!) return last + 1;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (epochs[middle]! < epoch) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Sets the value of an epoch; true if the epoch is new. */
  set(epoch: number, value: T): boolean {
    const at = this.position(epoch);
    if (this.epochs[at] === epoch) {
      this.values[at] = value;
      return false;
    }
    this.epochs.splice(at, 0, epoch);
    this.values.splice(at, 0, value);
    return true;
  }

  delete(epoch: number): void {
    const at = this.position(epoch);
    if (this.epochs[at] !== epoch) return;
    this.epochs.splice(at, 1);
    this.values.splice(at, 1);
  }

  /** Forgets this epoch and later ones. */
  cut(from: number): void {
    const at = this.position(from);
    this.epochs.length = at;
    this.values.length = at;
  }

  get(epoch: number): T | undefined {
    const at = this.position(epoch);
    return this.epochs[at] === epoch ? this.values[at] : undefined;
  }

  /** The last entry before `epoch`. */
  before(epoch: number): { epoch: number; value: T } | undefined {
    const at = this.position(epoch) - 1;
    return at < 0 ? undefined : { epoch: this.epochs[at]!, value: this.values[at]! };
  }

  get last(): T | undefined {
    return this.values[this.values.length - 1];
  }
}
