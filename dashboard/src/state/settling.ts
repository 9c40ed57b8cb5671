import type { LayerSettling, Settling } from "../generated/protocol.ts";

/** How a layer stood from an epoch on. */
export type Standing = Omit<LayerSettling, "layer"> & { epoch: number };

/** For how long a layer was settled, dead or frozen. */
export interface Stay {
  state: "settled" | "dead" | "frozen";
  from: number;
  /** The epoch in which it was found to be over; undefined: it still is so. */
  to: number | undefined;
}

/** Which layers have settled, as it was told after each epoch. */
export class Settlings {
  /** What was told last. */
  newest: Settling | undefined;
  private readonly layers = new Map<string, Standing[]>();

  apply(event: Settling): void {
    this.newest = event;
    for (const { layer, ...now } of event.layers) {
      // What was told of epochs that are trained again no longer holds.
      const history = (this.layers.get(layer) ?? []).filter(({ epoch }) => epoch < event.epoch);
      const last = history.at(-1);
      const same = last?.state === now.state && last.since === now.since && last.moved_again === now.moved_again;
      if (!same) history.push({ epoch: event.epoch, ...now });
      this.layers.set(layer, history);
    }
  }

  /** How a layer stands after an epoch; now, if none is given. */
  standing(layer: string, epoch = Infinity): Standing | undefined {
    return this.layers.get(layer)?.findLast((standing) => standing.epoch <= epoch);
  }

  /** When a layer was settled, dead or frozen. */
  stays(layer: string): Stay[] {
    const stays: Stay[] = [];
    for (const { epoch, state, since } of this.layers.get(layer) ?? []) {
      const last = stays.at(-1);
      const from = state === "settled" ? (since ?? epoch) : state === "frozen" ? 0 : epoch;
      if (last !== undefined && last.to === undefined) {
        if (last.state === state && (state !== "settled" || last.from === from)) continue;
        last.to = epoch;
      }
      if (state === "settled" || state === "dead" || state === "frozen") stays.push({ state, from, to: undefined });
    }
    return stays;
  }

  /** The epochs after which a layer was found to move again. */
  movedAgain(layer: string): number[] {
    const history = this.layers.get(layer) ?? [];
    return history.filter(({ moved_again }, at) => moved_again > (history[at - 1]?.moved_again ?? 0)).map(({ epoch }) => epoch);
  }
}
