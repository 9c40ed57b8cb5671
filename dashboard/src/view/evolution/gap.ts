import { feed } from "../../connection/live.ts";
import type { Analysis } from "../../generated/protocol.ts";
import type { BulkKind, Model } from "../../state/model.ts";

const LEFT_OUT = "left out to save time";

/** Which analysis makes the records of a kind. */
const MADE_BY: Record<BulkKind, Analysis> = {
  layer_filters: "weights",
  layer_health: "weights",
  layer_features: "maps",
  layer_distributions: "activity",
  layer_evolution: "evolution",
  settling: "evolution",
};

/** Why there is nothing, and more if there is more to say. */
interface Gap {
  words: string;
  why?: string;
}

function gapOf(model: Model, layer: string, epoch: number, kind: BulkKind = "layer_features"): Gap {
  const state = model.epochs.states.get(epoch);
  const history = feed.value?.histories.standing({ kind, layer }).state;
  switch (state?.kind) {
    case "dropped":
      return { words: "not analysed", why: "analysis was still busy" };
    case "failed":
      return { words: "failed", why: state.messages.join("; ") };
    case "seen":
      return { words: "being analysed" };
    case "analysed": {
      const why = state.skipped?.get(MADE_BY[kind]);
      if (why !== undefined) return { words: LEFT_OUT, why };
      if (history === "reading") return { words: "being read" };
      if (history === "failed") return { words: "could not be read" };
    }
  }
  return { words: "nothing was recorded" };
}

function phrase({ words, why }: Gap): string {
  return why === undefined ? words : `${words}: ${why}`;
}

/** The whole of it as one phrase. */
export function gapWords(model: Model, layer: string, epoch: number, kind?: BulkKind): string {
  return phrase(gapOf(model, layer, epoch, kind));
}

/** What stands in the gap itself: most epochs may be left out, and the reason is nearly the same each time. */
export function gapTag(model: Model, layer: string, epoch: number): string {
  const gap = gapOf(model, layer, epoch);
  return gap.words === LEFT_OUT ? gap.words : phrase(gap);
}
