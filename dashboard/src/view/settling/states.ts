import { LAYER_STATES, type LayerState } from "../../generated/protocol.ts";
import type { Model } from "../../state/model.ts";
import type { Standing } from "../../state/settling.ts";

interface Words {
  name: string;
  mark: string;
  meaning: string;
}

const MARKS: { [state in LayerState]: string } = {
  moving: "○",
  settled: "●",
  moved_again: "▲",
  frozen: "❚❚",
  never_moved: "–",
  constant: "=",
  dead: "×",
  not_finite: "∞",
  images_alike: "?",
  too_few_images: "?",
  not_known: "?",
};

/** How a layer stands, or why that cannot be told. */
export const STATES = Object.fromEntries(
  Object.entries(LAYER_STATES).map(([state, words]) => [state, { ...words, mark: MARKS[state as LayerState] }]),
) as { [state in LayerState]: Words };

const UNJUDGED: readonly LayerState[] = ["constant", "dead", "not_finite", "images_alike", "too_few_images"];

/** Whether there was nothing to judge the layer by. */
export function isUnjudged(state: LayerState | undefined): boolean {
  return state !== undefined && UNJUDGED.includes(state);
}

const SICK: readonly LayerState[] = ["constant", "dead", "not_finite"];

/** Whether a layer in this state does nothing for the network, or harm. */
export function isSick(state: LayerState | undefined): state is LayerState {
  return state !== undefined && SICK.includes(state);
}

/** How the layer stood after the epoch, as it was recorded for it; in runs that tell only changes, for the last before. */
export function standingAt(model: Model, layer: string, epoch: number): Pick<Standing, "state" | "since"> | undefined {
  const told = model.settlings.standing(layer, epoch);
  const state = model.changes.of(layer)?.state(epoch) ?? told?.state;
  return state === undefined ? undefined : { state, since: told?.state === state ? told.since : null };
}

/** How a layer stands, in a few words. */
export function standingWords(standing: Pick<Standing, "state" | "since"> | undefined): string {
  if (standing === undefined) return "nothing to compare with yet";
  const { state, since } = standing;
  if (state === "settled" && since !== null) return `settled since epoch ${since}`;
  return `${STATES[state].name}: ${STATES[state].meaning}`;
}

/** Since when a layer has been close to what it is in the newest reading. */
export function sinceWords(since: number | null | undefined, newest: number | undefined): string {
  if (since == null) return "–";
  if (since === newest) return "only now";
  return since === 0 ? "untrained" : String(since);
}
