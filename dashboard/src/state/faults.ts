import type { Fault } from "../generated/protocol.ts";

export interface DatedFault extends Fault {
  seq: number;
  time_ms: number;
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
}
