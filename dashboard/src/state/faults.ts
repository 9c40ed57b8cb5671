import type { Fault } from "../generated/protocol.ts";

export interface DatedFault extends Fault {
  seq: number;
  time_ms: number;
  /** It is of an epoch that the run has left. */
  left?: boolean;
}

const KEPT = 200;

const STUDIES = /^(studies|activations|units?|directions|embedding|occlusion|synthetic images?)\b/;

/** Whether a study failed, and not the analysis of its epoch: that has its pictures all the same. */
export function isOfStudy({ part }: Fault): boolean {
  return STUDIES.test(part);
}

/** The newest faults, and how many there were in all. */
export class Faults {
  readonly newest: DatedFault[] = [];
  total = 0;

  apply(seq: number, time_ms: number, fault: Fault): void {
    this.total += 1;
    this.newest.unshift({ seq, time_ms, ...fault });
    if (this.newest.length > KEPT) this.newest.length = KEPT;
  }

  /** The run was continued from an earlier epoch: what failed has failed, but of what is shown it is not. */
  leave(from: number): void {
    for (const fault of this.newest) if (fault.epoch !== null && fault.epoch >= from) fault.left = true;
  }
}
