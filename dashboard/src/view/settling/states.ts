import type { SettlingState } from "../../generated/protocol.ts";
import type { Standing } from "../../state/settling.ts";

interface Words {
  name: string;
  mark: string;
  meaning: string;
}

export const STATES: { [state in SettlingState]: Words } = {
  settled: {
    name: "settled",
    mark: "●",
    meaning: "For three readings running it changed by less than a tenth of the most that it ever has, or by no more than can be measured.",
  },
  moved_again: { name: "moved again", mark: "▲", meaning: "It had settled, and changes again." },
  not_yet: { name: "not yet", mark: "○", meaning: "It still changes, or there are too few readings." },
  frozen: { name: "frozen", mark: "❚❚", meaning: "Not trained: settled from the start." },
  dead: { name: "dead", mark: "×", meaning: "No map is active, or values are not finite: there is nothing to compare." },
};

/** How a layer stands, in a few words. */
export function standingWords(standing: Standing | undefined): string {
  if (standing === undefined) return "too early to tell";
  const { state, since } = standing;
  if (state === "frozen") return "frozen: not trained, settled from the start";
  if (state === "settled" && since !== null) return `settled since epoch ${since}`;
  return state === "not_yet" ? "not settled yet" : STATES[state].name;
}

/** Since when a layer has been close to what it is in the newest reading. */
export function sinceWords(since: number | null | undefined, newest: number | undefined): string {
  if (since == null) return "–";
  if (since === newest) return "only now";
  return since === 0 ? "untrained" : String(since);
}
