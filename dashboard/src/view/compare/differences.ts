import { LAYER_STATES, type Split } from "../../generated/protocol.ts";
import type { Model } from "../../state/model.ts";
import { isResult } from "../../state/metrics.ts";
import { count, list } from "../../state/value.ts";
import { number } from "../../state/words.ts";

/** What is to be said of one thing in each run. */
export interface Difference {
  what: string;
  /** In the order of the runs. */
  values: string[];
  /** Which of them are best; none where there is no better or worse, or where all are level. */
  best: boolean[];
}

/** A metric on one split, in whichever runs have it. */
export interface Measured {
  name: string;
  split: Split;
  unit: string | null;
  higherIsBetter: boolean;
}

const SPLITS: readonly Split[] = ["valid", "train"];
export const SPLIT_NAMES: { [split in Split]: string } = { train: "training", valid: "validation" };

/** Every metric of any run: on the validation data first, each in the order in which the runs name them. */
export function measured(models: readonly Model[]): Measured[] {
  const found = new Map<string, Measured>();
  for (const split of SPLITS) {
    for (const model of models) {
      for (const { name, unit, higherIsBetter, splits } of model.metrics.all.values()) {
        const key = `${split} ${name}`;
        if (splits[split] !== undefined && !found.has(key)) found.set(key, { name, split, unit, higherIsBetter });
      }
    }
  }
  return [...found.values()];
}

/** The names of the metrics that any run has measured on the validation data. */
export function validatedIn(models: readonly Model[]): Set<string> {
  return new Set(models.flatMap((model) => [...model.metrics.validated]));
}

export function seriesOf(model: Model, { name, split }: Measured) {
  return model.metrics.all.get(name)?.splits[split];
}

/** The layers of any run, in the order in which the first run that has them computes them. */
export function layersOf(models: readonly Model[]): string[] {
  return [...new Set(models.flatMap((model) => (model.run?.layers ?? []).map(({ name }) => name)))];
}

/** What can be told of the runs in a table: what is measured first, then what they are. */
export function differences(models: readonly Model[]): Difference[] {
  const rows: Difference[] = [];
  const metrics = measured(models);
  const validated = validatedIn(models);
  for (const metric of metrics) {
    const { name, unit, higherIsBetter, split } = metric;
    // Of a metric that is on both, the validation data tells what the network has learned.
    if (split === "train" && validated.has(name)) continue;
    const of = unit === null ? name : `${name} (${unit})`;
    const lasts = models.map((model) => seriesOf(model, metric)?.byEpoch.last);
    const last = lasts.map((value) => (value === undefined ? "–" : number(value)));
    if (!isResult(name, validated)) {
      rows.push({ what: `last ${of}, ${SPLIT_NAMES[split]}`, values: last, best: models.map(() => false) });
      continue;
    }
    const bests = models.map((model) => seriesOf(model, metric)?.best);
    rows.push({
      what: `best ${of}, ${SPLIT_NAMES[split]}`,
      values: bests.map((best) => (best === undefined ? "–" : `${number(best.value)} at epoch ${best.epoch}`)),
      best: winners(bests.map((best) => best?.value), higherIsBetter),
    });
    rows.push({ what: `last ${of}, ${SPLIT_NAMES[split]}`, values: last, best: winners(lasts, higherIsBetter) });
  }
  const plain = (what: string, tell: (model: Model) => string): void => void rows.push({ what, values: models.map(tell), best: models.map(() => false) });
  plain("epochs", (model) => (model.run?.last_epoch == null ? String(model.newestEpoch) : `${model.newestEpoch} of ${model.run.last_epoch}`));
  plain("ended", (model) => model.ended?.outcome ?? "not yet");
  plain("active alerts", (model) => {
    const worst = model.alerts.worst();
    return worst === undefined ? "none" : `${model.alerts.active.length}, worst ${worst}`;
  });
  plain("alerts that are over", (model) => String(model.alerts.resolved.length));
  plain("settled layers", (model) => settledWords(model));
  plain("parameters", (model) => model.run?.parameters.toLocaleString("en") ?? "–");
  plain("input", (model) => model.run?.input_shape.join(" × ") ?? "–");
  const names = layersOf(models);
  plain("watched layers", (model) => {
    const missing = names.filter((name) => !model.run?.layers.some((layer) => layer.name === name));
    const has = count(model.run?.layers.length ?? 0, "layer");
    return missing.length === 0 ? has : `${has}; without ${list(missing.slice(0, 4))}${missing.length > 4 ? ` and ${missing.length - 4} more` : ""}`;
  });
  for (const name of names) {
    const has = models.map((model) => model.run?.layers.find((layer) => layer.name === name)?.description);
    if (new Set(has.filter((each) => each !== undefined)).size > 1) rows.push({ what: name, values: has.map((each) => each ?? "–"), best: models.map(() => false) });
  }
  return rows;
}

function settledWords(model: Model): string {
  const layers = model.settlings.newest?.layers;
  if (layers === undefined) return "–";
  return `${layers.filter(({ state }) => state === "settled").length} of ${layers.length}`;
}

/** When each layer settled, of the layers in which the runs are not alike. */
export function settled(models: readonly Model[]): Difference[] {
  return layersOf(models).map((name) => ({
    what: name,
    values: models.map((model) => {
      if (!model.run?.layers.some((layer) => layer.name === name)) return "no such layer";
      const standing = model.settlings.standing(name);
      if (standing === undefined) return "–";
      return standing.state === "settled" ? `epoch ${standing.since}` : LAYER_STATES[standing.state].name;
    }),
    best: models.map(() => false),
  }));
}

/** Whether the runs are not alike. */
export function differs({ values }: Difference): boolean {
  return new Set(values).size > 1;
}

function winners(values: readonly (number | null | undefined)[], higherIsBetter: boolean): boolean[] {
  const known = values.filter((value) => value != null);
  const best = higherIsBetter ? Math.max(...known) : Math.min(...known);
  // Where all are as good there is no winner; nor where there is nothing to compare with.
  if (known.length < 2 || known.every((value) => value === best)) return values.map(() => false);
  return values.map((value) => value === best);
}
