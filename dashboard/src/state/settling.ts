import type { LayerSettling, Settling } from "../generated/protocol.ts";

/** How a layer stood from an epoch on. */
export type Standing = Omit<LayerSettling, "layer"> & { epoch: number };

/** For how long a layer was settled or frozen. */
export interface Stay {
  state: "settled" | "frozen";
  from: number;
  /** The epoch in which it was found to be over; undefined: it still is so. */
  to: number | undefined;
}

interface Told {
  seq: number;
  event: Settling;
}

/** Which layers have settled, as it was told after each epoch. */
export class Settlings {
  /** In order of their numbers; what was told of epochs that were trained again is gone. */
  private told: Told[] = [];
  private layers: Map<string, Standing[]> | undefined;

  /** What was told last. */
  get newest(): Settling | undefined {
    return this.told.at(-1)?.event;
  }

  /** `whole`: whether earlier ones are kept. */
  apply(event: Settling, { seq, whole }: { seq: number; whole: boolean }): void {
    this.layers = undefined;
    const at = this.told.findLastIndex((each) => each.seq <= seq);
    if (this.told[at]?.seq === seq) return;
    if (!whole) {
      if (at === this.told.length - 1) this.told = [{ seq, event }];
      return;
    }
    const later = this.told.slice(at + 1);
    if (later.some((each) => each.event.epoch <= event.epoch)) return;
    const earlier = this.told.slice(0, at + 1);
    while ((earlier.at(-1)?.event.epoch ?? -1) >= event.epoch) earlier.pop();
    this.told = [...earlier, { seq, event }, ...later];
  }

  /** The run was continued from an earlier epoch. */
  leave(from: number, before: number): void {
    this.layers = undefined;
    this.told = this.told.filter(({ seq, event }) => event.epoch < from || seq > before);
  }

  /** Only the newest stays. */
  release(): void {
    this.layers = undefined;
    this.told = this.told.slice(-1);
  }

  /** How a layer stood, from the epochs on in which that changed. */
  private history(layer: string): readonly Standing[] {
    this.layers ??= historiesOf(this.told);
    return this.layers.get(layer) ?? [];
  }

  /** How a layer stands after an epoch; now, if none is given. */
  standing(layer: string, epoch = Infinity): Standing | undefined {
    return this.history(layer).findLast((standing) => standing.epoch <= epoch);
  }

  /** When a layer was settled or frozen. */
  stays(layer: string): Stay[] {
    const stays: Stay[] = [];
    for (const { epoch, state, since } of this.history(layer)) {
      const last = stays.at(-1);
      const from = state === "settled" ? (since ?? epoch) : state === "frozen" ? 0 : epoch;
      if (last !== undefined && last.to === undefined) {
        if (last.state === state && (state !== "settled" || last.from === from)) continue;
        last.to = epoch;
      }
      if (state === "settled" || state === "frozen") stays.push({ state, from, to: undefined });
    }
    return stays;
  }

  /** The epochs after which a layer was found to move again. */
  movedAgain(layer: string): number[] {
    const history = this.history(layer);
    return history.filter(({ moved_again }, at) => moved_again > (history[at - 1]?.moved_again ?? 0)).map(({ epoch }) => epoch);
  }
}

function historiesOf(told: readonly Told[]): Map<string, Standing[]> {
  const layers = new Map<string, Standing[]>();
  for (const { event } of told) {
    for (const { layer, ...now } of event.layers) {
      let history = layers.get(layer);
      if (history === undefined) layers.set(layer, (history = []));
      const last = history.at(-1);
      const same = last?.state === now.state && last.since === now.since && last.moved_again === now.moved_again;
      if (!same) history.push({ epoch: event.epoch, ...now });
    }
  }
  return layers;
}
