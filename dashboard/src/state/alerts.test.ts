import { expect, test } from "vitest";
import type { Alert, RunStarted } from "../generated/protocol.ts";
import { latest, latestBad, stretches } from "./alerts.ts";
import { found } from "./found.ts";
import { Model } from "./model.ts";

const said = (epoch: number, state: Alert["state"], severity: Alert["severity"] = "warning", more: Partial<Alert> = {}): Alert => ({
  rule: "noisy",
  layer: "conv1",
  metric: "noise_share",
  state,
  severity,
  epoch,
  since: 6,
  value: 0.6,
  silenced: false,
  threshold: 0.5,
  title: "conv1: filters look like noise",
  message: `epoch ${epoch}`,
  hints: [],
  units: [epoch],
  ...more,
});

function model(...alerts: Alert[]): Model {
  const subject = new Model();
  start(subject, 1);
  alerts.forEach((alert) => tell(subject, alert));
  return subject;
}

function tell(subject: Model, alert: Alert): void {
  subject.apply({ seq: subject.seq + 1, time_ms: 0, event: { kind: "alert", ...alert } });
}

function start(subject: Model, first_epoch: number): void {
  const event = { kind: "run_started", run_id: "a", name: "a", first_epoch, layers: [] } as unknown as RunStarted & { kind: "run_started" };
  subject.apply({ seq: subject.seq + 1, time_ms: 0, event });
}

test("an alert is raised, changes, and ends", () => {
  const { alerts } = model(said(6, "raised"), said(8, "updated", "critical"), said(9, "updated", "critical"));
  expect(alerts.active).toHaveLength(1);
  expect(alerts.worst()).toBe("critical");
  expect(alerts.worst("conv1")).toBe("critical");
  expect(alerts.worst("conv2")).toBeUndefined();
  expect(stretches(alerts.active[0]!)).toEqual([
    { from: 6, to: 8, severity: "warning" },
    { from: 8, to: undefined, severity: "critical" },
  ]);
  alerts.apply(9, said(12, "resolved", "critical"));
  expect(alerts.active).toEqual([]);
  expect(alerts.worst()).toBeUndefined();
  const [over] = alerts.resolved;
  expect(over).toMatchObject({ since: 6, end: 12 });
  expect(stretches(over!).at(-1)).toEqual({ from: 8, to: 12, severity: "critical" });
  expect([latest(over!).epoch, latestBad(over!).epoch]).toEqual([12, 9]);
});

test("rule and layer tell alerts apart, and one that comes again is another", () => {
  const { alerts } = model(
    said(6, "raised"),
    said(6, "raised", "critical", { layer: "conv2" }),
    said(6, "raised", "info", { layer: null }),
    said(8, "resolved"),
    said(9, "raised", "warning", { since: 9 }),
  );
  expect(alerts.episodes.map(({ id }) => id)).toEqual(["6~noisy~conv1", "6~noisy~conv2", "6~noisy~noise_share", "9~noisy~conv1"]);
  expect(alerts.active.map(({ layer, since }) => [layer, since])).toEqual([
    ["conv2", 6],
    ["conv1", 9],
    [null, 6],
  ]);
  expect(alerts.raised?.alert.since).toBe(9);
});

test("an alert whose beginning is not in the log is there all the same", () => {
  const { alerts } = model(said(9, "updated", "critical"));
  expect(alerts.active[0]).toMatchObject({ since: 6, id: "6~noisy~conv1" });
  expect(model(said(9, "resolved")).alerts.resolved[0]).toMatchObject({ since: 6, end: 9 });
});

test("a rule on several metrics of the training has an alert for each", () => {
  const on = (metric: string) => ({ layer: null, metric });
  const { alerts } = model(
    said(6, "raised", "critical", on("valid:Loss")),
    said(6, "raised", "critical", on("train:Loss")),
    said(7, "resolved", "critical", on("valid:Loss")),
  );
  expect(alerts.active.map(({ id }) => id)).toEqual(["6~noisy~train:Loss"]);
});

test("in a run that is continued from an earlier epoch alerts stand as they stood then", () => {
  const other = { rule: "other", since: 9 };
  const subject = model(
    said(6, "raised"),
    said(10, "updated", "critical"),
    said(5, "raised", "info", { rule: "early", since: 5 }),
    said(9, "resolved", "info", { rule: "early", since: 5 }),
    said(9, "raised", "info", other),
    said(10, "resolved", "info", other),
  );
  start(subject, 8);
  const { alerts } = subject;
  expect(alerts.episodes.map(({ rule, since, end }) => [rule, since, end])).toEqual([
    ["noisy", 6, undefined],
    ["early", 5, undefined],
  ]);
  expect(stretches(alerts.active[0]!)).toEqual([{ from: 6, to: undefined, severity: "warning" }]);
  // The end of one that was raised in what was left says nothing here.
  tell(subject, said(7, "resolved", "info", { ...other, since: 7 }));
  tell(subject, said(11, "resolved", "critical"));
  expect(alerts.active.map(({ rule }) => rule)).toEqual(["early"]);
  expect(alerts.resolved).toMatchObject([{ rule: "noisy", since: 6, end: 11 }]);
});

test("the units of a statistic are those of the epoch, or what its alert last said", () => {
  const subject = model(said(6, "raised"), said(8, "updated", "warning", { units: [1, 2] }), said(12, "resolved"));
  const event = { kind: "layer_health", layer: "conv1", epoch: 7, values: {}, units: { noise_share: [4] } } as const;
  subject.apply({ seq: subject.seq + 1, time_ms: 0, event: { ...event, units: { noise_share: [4] } } });
  const units = (epoch: number) => found(subject, "conv1", epoch, "noise_share");
  expect([5, 6, 7, 8, 11, 12].map(units)).toEqual([[], [6], [4], [1, 2], [1, 2], []]);
});

test("silenced alerts are shown, come last, and are not counted; that holds for the next one too", () => {
  const alerts = new Model().alerts;
  alerts.apply(1, said(6, "raised", "critical"));
  alerts.apply(2, said(7, "raised", "warning", { rule: "dead", layer: "conv2" }));
  expect(alerts.worst()).toBe("critical");
  alerts.silence({ rule: "noisy", layer: "conv1", silenced: true });
  expect(alerts.active.map(({ rule }) => rule)).toEqual(["dead", "noisy"]);
  expect(alerts.heard.map(({ rule }) => rule)).toEqual(["dead"]);
  expect([alerts.worst(), alerts.worst("conv1"), alerts.worst("conv2")]).toEqual(["warning", undefined, "warning"]);
  alerts.apply(3, said(8, "resolved"));
  alerts.apply(4, said(9, "raised", "critical", { silenced: true }));
  expect(alerts.heard.map(({ rule }) => rule)).toEqual(["dead"]);
  alerts.silence({ rule: "noisy", layer: "conv1", silenced: false });
  expect(alerts.worst()).toBe("critical");
});

test("an alert that was raised silenced is known as such without the record that said so", () => {
  const alerts = new Model().alerts;
  alerts.apply(1, said(6, "raised", "critical", { silenced: true }));
  expect(alerts.heard).toEqual([]);
});
