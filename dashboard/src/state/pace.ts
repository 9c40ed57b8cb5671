import type { Record } from "../generated/protocol.ts";

/** Of so many epochs the middle time is taken: one that was interrupted does not count. */
const LOOKED_AT = 9;

/** How long epochs take, from the times of the records. */
export class Pace {
  private ends: { epoch: number; ms: number }[] = [];

  apply({ event, time_ms }: Record): void {
    // What lies between two starts is no epoch's time.
    if (event.kind === "run_started") this.ends = [];
    if (event.kind !== "metric") return;
    const last = this.ends.at(-1);
    // The last metric of an epoch comes when it is over.
    if (last?.epoch === event.epoch) last.ms = time_ms;
    else this.ends.push({ epoch: event.epoch, ms: time_ms });
    if (this.ends.length > LOOKED_AT + 1) this.ends.shift();
  }

  /** Milliseconds that an epoch takes; undefined as long as two in a row have not ended. */
  get each(): number | undefined {
    const times = this.ends
      .slice(1)
      .flatMap(({ epoch, ms }, at) => (epoch === this.ends[at]!.epoch + 1 && ms > this.ends[at]!.ms ? [ms - this.ends[at]!.ms] : []))
      .sort((a, b) => a - b);
    return times[times.length >> 1];
  }

  /** Milliseconds until the epoch `last` is over, if it goes on like this; `epoch` is being trained. */
  remaining(last: number, epoch: number, now: number): number | undefined {
    const [each, end] = [this.each, this.ends.at(-1)];
    if (each === undefined || end === undefined) return undefined;
    // Records that are still on their way must not make it look as if there were more to train.
    if (end.epoch < epoch - 1) return Math.max(0, (last - epoch + 1) * each);
    const begun = Math.min(each, Math.max(0, now - end.ms));
    return Math.max(0, (last - end.epoch) * each - begun);
  }
}
