import type { AnalysisPart, Analysis } from "../generated/protocol.ts";
import { EpochSeries } from "./series.ts";

/** How the analysis of an epoch went. */
export type EpochState =
  | { kind: "seen" }
  /** `skipped`: what was left out to keep to the budget, and why. */
  | { kind: "analysed"; seconds: number; skipped?: ReadonlyMap<Analysis, string> }
  | { kind: "dropped" }
  | { kind: "failed"; messages: string[] };

/** Every epoch that the analysis said anything about. */
export class Epochs {
  readonly states = new EpochSeries<EpochState>();

  /** By epoch, the newest record about a layer. */
  private readonly seenAt = new Map<number, number>();
  /** By epoch, the record that said it was dropped. */
  private readonly droppedAt = new Map<number, number>();

  /** Something about a layer arrived, in whichever order. */
  seen(epoch: number, seq: number): void {
    this.seenAt.set(epoch, Math.max(seq, this.seenAt.get(epoch) ?? 0));
    const state = this.states.get(epoch);
    if (state === undefined || (state.kind === "dropped" && seq > this.dropOf(epoch))) this.states.set(epoch, { kind: "seen" });
  }

  analysed(epoch: number, seconds: number, parts: readonly AnalysisPart[] = []): void {
    if (this.states.get(epoch)?.kind === "failed") return;
    const skipped = new Map(parts.flatMap(({ analysis, skipped }) => (skipped === null ? [] : [[analysis, skipped]])));
    this.states.set(epoch, skipped.size === 0 ? { kind: "analysed", seconds } : { kind: "analysed", seconds, skipped });
  }

  dropped(epoch: number, seq: number): void {
    this.droppedAt.set(epoch, seq);
    this.states.set(epoch, { kind: (this.seenAt.get(epoch) ?? 0) > seq ? "seen" : "dropped" });
  }

  /** The run was continued from an earlier epoch. */
  leave(from: number, seq: number): void {
    this.states.cut(from);
    for (const epoch of [...this.droppedAt.keys()]) if (epoch >= from) this.droppedAt.delete(epoch);
    for (const [epoch, at] of [...this.seenAt].sort(([a], [b]) => a - b)) {
      if (epoch < from) continue;
      // Records about layers of after the start may have come before it.
      if (at > seq) this.states.set(epoch, { kind: "seen" });
      else this.seenAt.delete(epoch);
    }
  }

  /** The record that said that an epoch was dropped; 0: none did. */
  dropOf(epoch: number): number {
    return this.droppedAt.get(epoch) ?? 0;
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
