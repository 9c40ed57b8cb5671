import { LAYER_STATES, type LayerState, type RunEnded, type Severity, type Status } from "../../generated/protocol.ts";
import { SEVERITIES } from "../../state/alerts.ts";
import type { EpochState } from "../../state/epochs.ts";
import type { Model } from "../../state/model.ts";
import { count, list, sentence } from "../../state/value.ts";
import type { Words } from "../../state/words.ts";
import { isSick } from "../settling/states.ts";

/** Whether it trains, beginning with yes or no where that is known. */
export function trainingAnswer({ text, tone }: Words, status: Status | undefined, ended: RunEnded | undefined, inspection = false): string {
  if (inspection) return `No, a trained model ${ended === undefined && status?.state !== "ended" ? "is being" : "was"} looked into`;
  if (ended !== undefined) return `No, it has ${ended.outcome === "finished" ? "finished" : ended.outcome === "failed" ? "failed" : "been interrupted"}`;
  if (status === undefined) return "Not known yet";
  if (status.state === "ended") return "No, it has ended, and did not say how";
  if (tone === "bad") return `It seems not: ${text}`;
  if (tone === "quiet") return `Not known: it ${text}`;
  if (status.state === "analysing") return "No, it is over; the last epoch is being analysed";
  return status.state === "starting" ? "Not yet: it is starting" : `Yes: ${text}`;
}

/** What the alerts say of the run's health. */
export interface HealthAnswer {
  tone: "good" | "quiet" | Severity;
  words: string;
  /** What that rests on. */
  detail: string | undefined;
}

export function healthAnswer(model: Model): HealthAnswer {
  const { alerts, watched } = model;
  const heard = alerts.heard;
  const worst = alerts.worst();
  if (worst !== undefined) {
    const parts = SEVERITIES.toReversed().flatMap((severity) => {
      const amount = heard.filter(({ events }) => events.at(-1)!.severity === severity).length;
      return amount === 0 ? [] : [severity === "info" ? count(amount, "note") : count(amount, `${severity} alert`)];
    });
    const lead = { critical: "No", warning: "Not quite", info: "Mostly" }[worst];
    return { tone: worst, words: `${lead}: ${list(parts)}`, detail: undefined };
  }
  if (watched === undefined) {
    return { tone: "quiet", words: "Not known", detail: "No rule watches this run: its records name none." };
  }
  const sick = sickLayers(model);
  if (sick.length > 0) {
    return {
      tone: "warning",
      words: `No alert, but ${list(sick.map(({ name, state }) => `${name} is ${LAYER_STATES[state].name}`).slice(0, NAMED))}${sick.length > NAMED ? ` and ${sick.length - NAMED} more` : ""}`,
      detail: [...new Set(sick.map(({ state }) => LAYER_STATES[state].meaning))].join(" "),
    };
  }
  const rules = watched.rules.filter(({ silenced }) => !silenced);
  if (rules.length === 0) return { tone: "quiet", words: "Not known", detail: "All rules are switched off: nothing is looked at." };
  const begins = Math.min(...rules.map(({ warm_up }) => warm_up)) + 1;
  const looked = lookedAt(model, begins);
  if (looked.length === 0) {
    return { tone: "quiet", words: "Too early to tell", detail: `${count(rules.length, "rule")} will look, the first from epoch ${begins} on: before, every network looks sick.` };
  }
  const quiet = alerts.active.length;
  const since = Math.max(begins, ...alerts.episodes.flatMap(({ end }) => (end === undefined ? [] : [end])));
  const calm = looked.filter((epoch) => epoch >= since).length;
  if (quiet > 0) return { tone: "quiet", words: "Nothing but what was silenced", detail: `${count(quiet, "alert")} that somebody has silenced.` };
  const caution = model.run?.probe.caution;
  const later = rules.filter(({ warm_up }) => model.newestEpoch <= warm_up);
  return {
    tone: "good",
    words: "Nothing alarming",
    detail:
      `in ${count(Math.max(1, calm), "analysed epoch")}${since > begins ? ` since epoch ${since}, when the last alert ended` : ""}; ` +
      `${count(rules.length - later.length, "rule looks", "rules look")} at ${count(watched.layers().size, "layer")} and the metrics` +
      `${later.length > 0 ? `, ${later.length} more later` : ""}.` +
      (caution === undefined ? "" : ` ${sentence(caution)}`),
  };
}

const NAMED = 3;

/** The layers that do nothing for the network, or harm, as it was recorded last. */
function sickLayers(model: Model): { name: string; state: LayerState }[] {
  return (model.run?.layers ?? []).flatMap(({ name }) => {
    const state = model.health.state(name);
    return isSick(state) ? [{ name, state }] : [];
  });
}

/** The epochs that rules really looked at. */
function lookedAt(model: Model, from: number): number[] {
  const { epochs, values } = model.epochs.states;
  return epochs.filter((epoch, at) => epoch >= from && isLookedAt(values[at]!));
}

/** Without the weights no rule has anything to look at but the metrics. */
function isLookedAt(state: EpochState): boolean {
  return state.kind === "analysed" && state.skipped?.has("weights") !== true;
}

/** What was not analysed, in sentences. */
export function missingWords(model: Model, dropped: number): string[] {
  const words: string[] = [];
  if (dropped > 0) words.push(`${count(dropped, "epoch")} not analysed: the analysis was still busy with an earlier one. Training never waits.`);
  const { total, newest } = model.faults;
  const last = newest[0];
  if (last !== undefined) words.push(`${count(total, "fault")} in the monitoring, the last: ${last.part}: ${last.message}`);
  for (const { name, status } of model.run?.layers ?? []) {
    if (status.status === "unsupported") words.push(`${name} cannot be analysed: unsupported operation ${status.operation}`);
  }
  return words;
}
