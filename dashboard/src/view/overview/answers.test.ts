import { expect, test } from "vitest";
import type { Alert, AlertRule, Event, LayerState } from "../../generated/protocol.ts";
import { Model } from "../../state/model.ts";
import { healthAnswer, missingWords, trainingAnswer } from "./answers.ts";

const rule = (change: Partial<AlertRule> = {}): AlertRule =>
  ({ id: "noisy", title: "noise", metric: "noise", layers: ["conv1"], compare: "at_least", levels: [], clear: null, warm_up: 5, patience: 1, clear_patience: 1, unless: [], meaning: "", causes: [], advice: [], silenced: false, ...change });
const alert = (epoch: number, state: Alert["state"], more: Partial<Alert> = {}): Event =>
  ({ kind: "alert", rule: "noisy", layer: "conv1", metric: "noise", state, severity: "warning", epoch, since: 6, value: 1, threshold: 1, title: "", message: "", hints: [], units: [], silenced: false, ...more });
const analysed = (...epochs: number[]): Event[] => epochs.map((epoch) => ({ kind: "epoch_analysed", epoch, seconds: 1 }));
const leftOut = (epoch: number): Event => ({
  kind: "epoch_analysed",
  epoch,
  seconds: 0,
  parts: [{ analysis: "weights", seconds: null, skipped: "no time" }],
});
const started = (...layers: string[]): Event =>
  ({ kind: "run_started", layers: layers.map((name) => ({ name, status: { status: "supported" } })), probe: { atlas: { count: 64 } } }) as unknown as Event;
const health = (layer: string, state: LayerState): Event => ({ kind: "layer_health", epoch: 6, layer, state, values: {}, units: {} });
const watchlist = (...rules: AlertRule[]): Event => ({ kind: "watchlist", statistics: [], rules, nulls: [] });

function model(...events: Event[]): Model {
  const model = new Model();
  events.forEach((event, at) => model.apply({ seq: at + 1, time_ms: 0, event }));
  return model;
}

const cases: [name: string, events: Event[], words: string, detail: string | undefined][] = [
  ["without rules nothing is known", analysed(0, 1, 2), "Not known", "No rule watches"],
  ["with all rules switched off nothing is looked at", [watchlist(rule({ silenced: true })), ...analysed(0, 9)], "Not known", "nothing is looked at"],
  ["before the first rule looks it is too early", [watchlist(rule()), ...analysed(0, 1, 5)], "Too early to tell", "from epoch 6 on"],
  ["only epochs that were looked at count", [watchlist(rule()), ...analysed(0, 1, 5, 6, 8)], "Nothing alarming", "in 2 analysed epochs"],
  ["epochs without a look at the weights do not count", [watchlist(rule()), ...analysed(6), leftOut(7), leftOut(8)], "Nothing alarming", "in 1 analysed epoch;"],
  ["dropped epochs do not count", [watchlist(rule()), ...analysed(6), { kind: "snapshot_dropped", epoch: 7, total: 1 }], "Nothing alarming", "in 1 analysed epoch;"],
  ["after an alert the count begins anew", [watchlist(rule()), ...analysed(6, 7, 8, 9), alert(7, "raised"), alert(8, "resolved")], "Nothing alarming", "in 2 analysed epochs since epoch 8"],
  ["rules that begin later are not claimed", [watchlist(rule(), rule({ id: "late", warm_up: 30 })), ...analysed(6)], "Nothing alarming", "1 rule looks at 1 layer and the metrics, 1 more later"],
  ["alerts are counted by severity", [watchlist(rule()), ...analysed(6), alert(6, "raised"), alert(6, "raised", { rule: "dead", severity: "critical" })], "No: 1 critical alert and 1 warning alert", undefined],
  ["a sick layer without an alert is told", [watchlist(rule()), started("conv1", "conv2"), ...analysed(6), health("conv1", "constant"), health("conv2", "too_few_images")], "No alert, but conv1 is constant", "computes the same"],
  ["silenced ones are neither alarming nor gone", [watchlist(rule()), ...analysed(6), alert(6, "raised"), { kind: "silence", rule: "noisy", layer: "conv1", silenced: true }], "Nothing but what was silenced", "1 alert"],
];

for (const [name, events, words, detail] of cases) {
  test(name, () => {
    const answer = healthAnswer(model(...events));
    expect(answer.words).toBe(words);
    if (detail === undefined) expect(answer.detail).toBeUndefined();
    else expect(answer.detail).toContain(detail);
  });
}

test("what was not analysed is named", () => {
  const words = missingWords(model({ kind: "fault", part: "features of conv1", message: "not finite", epoch: 2 }), 3);
  expect(words[0]).toContain("3 epochs not analysed");
  expect(words[1]).toBe("1 fault in the monitoring, the last: features of conv1: not finite");
  expect(missingWords(model(), 0)).toEqual([]);
});

test("an inspection trains nothing, and says so while it goes on and afterwards", () => {
  const words = { text: "looking into a trained model", tone: "busy" } as const;
  expect(trainingAnswer(words, undefined, undefined, true)).toBe("No, a trained model is being looked into");
  const ended = { outcome: "finished", reason: null } as const;
  expect(trainingAnswer(words, undefined, ended, true)).toBe("No, a trained model was looked into");
  expect(trainingAnswer(words, undefined, ended)).toBe("No, it has finished");
});
