import type { Model } from "../../state/model.ts";

/** Why there are no pictures of a layer at an epoch. */
export function gapWords(model: Model, epoch: number): string {
  const state = model.epochs.states.get(epoch);
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
