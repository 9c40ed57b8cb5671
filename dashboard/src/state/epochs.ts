import { EpochSeries } from "./series.ts";

/** How the analysis of an epoch went. */
export type EpochState =
  | { kind: "seen" }
  | { kind: "analysed"; seconds: number }
  | { kind: "dropped" }
  | { kind: "failed"; messages: string[] };

/** Every epoch that the analysis said anything about. */
export class Epochs {
  readonly states = new EpochSeries<EpochState>();

  /** Pictures of the epoch arrived. */
  seen(epoch: number): void {
    const state = this.states.get(epoch);
    if (state === undefined || state.kind === "dropped") this.states.set(epoch, { kind: "seen" });
  }

  analysed(epoch: number, seconds: number): void {
    if (this.states.get(epoch)?.kind !== "failed") this.states.set(epoch, { kind: "analysed", seconds });
  }

  dropped(epoch: number): void {
    this.states.set(epoch, { kind: "dropped" });
  }

  /** Whether an epoch between these two should have been analysed and was not: lines are not drawn across it. */
  gapBetween(from: number, to: number, series: { get(epoch: number): unknown }): boolean {
    for (let epoch = from + 1; epoch < to; epoch++) {
      if (this.isBroken(epoch) && series.get(epoch) === undefined) return true;
    }
    return false;
  }

  isBroken(epoch: number): boolean {
    const kind = this.states.get(epoch)?.kind;
    return kind === "dropped" || kind === "failed";
  }

  failed(epoch: number, message: string): void {
    const state = this.states.get(epoch);
    const messages = state?.kind === "failed" ? [...state.messages, message] : [message];
    this.states.set(epoch, { kind: "failed", messages });
  }
}
