import { feed } from "../../connection/live.ts";
import type { BulkKind, Model } from "../../state/model.ts";

/** Why there are no pictures of a layer at an epoch. */
export function gapWords(model: Model, layer: string, epoch: number, kind: BulkKind = "layer_features"): string {
  const state = model.epochs.states.get(epoch);
  const history = feed.value?.histories.standing({ kind, layer }).state;
  if (state?.kind === "analysed" && history === "reading") return "being read";
  if (state?.kind === "analysed" && history === "failed") return "could not be read";
  switch (state?.kind) {
    case "dropped":
      return "not analysed: analysis was still busy";
    case "failed":
      return `failed: ${state.messages.join("; ")}`;
    case "seen":
      return "being analysed";
    default:
      return "no pictures were recorded";
  }
}
