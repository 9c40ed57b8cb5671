// Synthetic filters: their readings, and tiles that fit to them.
import { normal, progress, random, weight } from "./draw.mjs";

/** What goes wrong with layer `depth` of a sick run, from 0 (nothing) to 1. */
function trouble(options, depth, epoch) {
  const t = epoch / options.epochs;
  const ramp = (from, to) => Math.min(1, Math.max(0, (t - from) / (to - from)));
  if (!options.sick) return {};
  switch (depth) {
    case 0:
      return { slow: 1 - ramp(0.5, 0.85) };
    case 1:
      return { duplicate: 0.3 * ramp(0.3, 0.5) };
    case 2:
      return { dead: 0.8 * ramp(0.4, 0.9) };
    case 3:
      return { not_finite: t > 0.8 ? 1 : 0 };
    case 4:
      return { stuck: 1 };
    case 5:
      return { exploding: 0.12 * ramp(0.5, 0.6) };
    default:
      return {};
  }
}

/** How far the filters have come: 0 noise, 1 settled. */
function learned(options, depth, epoch) {
  const { slow = 0, stuck = 0 } = trouble(options, depth, epoch);
  return progress(Math.min(1, depth / 3), 1.5 * epoch, options.epochs) * (1 - 0.93 * Math.max(slow, stuck));
}

const four = (value) => (value === null ? null : Number(value.toPrecision(4)));

/** All readings of a layer's filters, as columns. */
export function readings(options, layer, depth, epoch) {
  const ill = trouble(options, depth, epoch);
  const done = learned(options, depth, epoch);
  const columns = { state: [], q: [], p_value: [], r1: [], rms: [], change: [], distance: [], duplicate_of: [] };
  for (let f = 0; f < layer.maps; f++) {
    const r1 = depth === 0 ? correlation(f, layer.kernel, done) : deepCorrelation(depth, f, done, epoch);
    const q = Math.max(0.4, 3 + (r1 / 0.0912) ** 2 + 0.6 * normal(depth, f, epoch));
    const hit = (kind) => ill[kind] > 0 && random(depth, f, kind.length) < ill[kind];
    const dead = hit("dead") || (depth === 0 && f === 13);
    const twin = hit("duplicate") ? (f + 1) % layer.maps : null;
    const broken = hit("not_finite") && f % 3 === 0;
    const state = broken
      ? "not_finite"
      : dead
        ? depth === 0 && f === 13
          ? "zero"
          : "still"
        : hit("stuck") && epoch > 0
          ? "stuck"
          : hit("exploding")
            ? "exploding"
            : twin !== null
              ? "duplicate"
              : q < 9.488
                ? "noise_like"
                : r1 > 0
                  ? "smooth"
                  : "oscillating";
    const none = broken || (depth === 0 && f === 13);
    columns.state.push(state);
    columns.q.push(none ? null : four(q));
    columns.p_value.push(none ? null : four(Math.exp(-q / 2) * (1 + q / 2)));
    columns.r1.push(none ? null : four(r1));
    columns.rms.push(broken ? null : none ? 0 : four((hit("exploding") ? 9 : 1) * 0.05 * (1 + random(f, depth))));
    columns.change.push(epoch === 0 || none ? null : four(dead ? 0 : 0.4 * Math.exp(-epoch / 6) + 0.004));
    columns.distance.push(none ? null : state === "stuck" ? 0.0003 : four(1.6 * done * (0.7 + 0.5 * random(f, 5))));
    columns.duplicate_of.push(broken ? null : twin);
  }
  return columns;
}

/** Correlation of neighbouring weights of a filter that is drawn. */
function correlation(f, size, done) {
  let [sum, squares] = [0, 0];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const w = weight(f, y, x, c, size, done);
        squares += w * w;
        if (x + 1 < size) sum += w * weight(f, y, x + 1, c, size, done);
        if (y + 1 < size) sum += w * weight(f, y + 1, x, c, size, done);
      }
    }
  }
  return (size / (2 * (size - 1))) * (sum / squares);
}

function deepCorrelation(depth, f, done, epoch) {
  const most = (random(depth, f, 41) < 0.12 ? -0.5 : 0.7) * (0.5 + random(depth, f, 42));
  return most * Math.min(1, done * (random(depth, f, 43) < 0.92 ? 1.4 : 0.2)) + 0.05 * normal(depth, f, epoch);
}

/** The event with a layer's filters. */
export function filters(run, depth, epoch) {
  const { options } = run;
  const layer = run.layers[depth];
  const columns = readings(options, layer, depth, epoch);
  const done = learned(options, depth, epoch);
  const first = depth === 0;
  const paint = (f, y, x) => {
    const seen = columns.state[f] === "duplicate" ? columns.duplicate_of[f] : f;
    if (columns.rms[f] === null || columns.rms[f] === 0) return [0.5, 0.5, 0.5];
    const strength = first ? 0.5 : 0.4 * (0.35 + 0.65 * done);
    return [0, 1, 2].map((c) => 0.5 + strength * weight(seen + 100 * depth, y, x, first ? c : 0, layer.kernel, done));
  };
  return {
    kind: "layer_filters",
    epoch,
    layer: layer.name,
    parameter: `${layer.name}.weight`,
    picture: first ? "weights" : "dominant_pattern",
    atlas: run.atlas(`filters ${depth} ${epoch}`, layer.maps, 16, layer.kernel, paint),
    scale: 0.21,
    readings: columns,
    test: {
      degrees_of_freedom: 4,
      q_critical: 9.488,
      level: 0.05,
      r1_null_deviation: 0.0912,
      caution: first
        ? "Three-channel 5×5 kernels: reliable per layer; a single filter that carries much noise may be missed."
        : null,
    },
  };
}
