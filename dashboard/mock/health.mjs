// Synthetic health: shares counted from the filters' states, the rest made up to look like a training.
import { normal, progress, random } from "./draw.mjs";
import { imagesState } from "./settling.mjs";
import { STATISTICS, rules } from "./watchlist.mjs";

export function watchlist(run) {
  const names = run.layers.map(({ name }) => name);
  return {
    kind: "watchlist",
    statistics: STATISTICS,
    rules: rules(names, Math.max(5, Math.ceil(run.options.epochs / 10))),
    nulls: run.layers.flatMap(({ name, side }) => [
      { layer: name, statistic: "noise_share", low: 0.88, high: 1 },
      { layer: name, statistic: "localisation", low: 1 - 2 / side, high: 1 + 2 / side },
    ]),
  };
}

const STATES = {
  not_finite_filters: ["not_finite"],
  dead_filters: ["zero", "still"],
  stuck_filters: ["stuck"],
  exploding_filters: ["exploding"],
  duplicate_filters: ["duplicate"],
};

/** The event with a layer's numbers; `states`: of its filters. */
export function health(run, depth, epoch, states) {
  const layer = run.layers[depth];
  const done = progress(depth, epoch, run.options.epochs);
  const [values, units] = [{}, {}];
  const note = (name, found, of) => {
    values[name] = found.length / of;
    if (found.length > 0) units[name] = found;
  };
  const all = states.map((_, f) => f);
  const live = all.filter((f) => !["zero", "still", "not_finite"].includes(states[f]));
  note("noise_share", live.filter((f) => states[f] === "noise_like" || states[f] === "stuck"), Math.max(1, live.length));
  for (const [name, those] of Object.entries(STATES)) note(name, all.filter((f) => those.includes(states[f])), all.length);
  const state = imagesState(run.options) ?? (run.options.constant && depth === 1 ? "constant" : undefined);
  if (state === undefined) note("dead_maps", all.filter((f) => STATES.dead_filters.includes(states[f]) || random(depth, f, 51) < 0.012), all.length);
  values.zero_share = 0.5 + 0.25 * done + 0.01 * normal(depth, epoch, 3);
  values.localisation = 1 - 0.5 * done + 0.02 * normal(depth, epoch, 4);
  values.input_likeness = Math.min(1, 0.75 - 0.6 * done * (0.4 + 0.2 * depth)) + 0.01 * normal(depth, epoch, 5);
  if (epoch > 0) values.update_ratio = 0.4 * Math.exp(-epoch / (4 + run.options.epochs / 6)) + 0.0005 + 0.001 * random(depth, epoch);
  values.start_distance = 1.6 * done;
  values.structure_p_value = 0.4 * 10 ** (-60 * done);
  if (epoch > 1) values.step_agreement = 0.6 - 0.9 * done + 0.08 * normal(depth, epoch, 6);
  // The first layer sees three channels: too few kernels to speak of sparsity.
  if (depth > 0) values.sparsity = 0.02 + 0.1 * done;
  if (states.includes("not_finite")) {
    for (const name of ["update_ratio", "start_distance", "step_agreement", "zero_share", "localisation", "input_likeness"]) values[name] = null;
  }
  return { kind: "layer_health", epoch, layer: layer.name, ...(state && { state }), values, units };
}
