// Synthetic images "made by gradient ascent": a texture per map.
import { IMAGE, normal, progress, random } from "./draw.mjs";

/** The document of images made for the followed maps of a layer, one map, or the classes. */
export function synthesis(run, { layer: name, map }, epoch) {
  const depth = run.layers.findIndex((layer) => layer.name === name);
  const maps = run.layers[depth]?.maps ?? 8;
  const targets = map !== undefined ? [map] : name === undefined ? run.started().probe.class_names.map((_, i) => i) : Array.from({ length: 16 }, (_, i) => Math.floor((i * maps) / 16));
  const done = progress(Math.max(0, depth), epoch, run.options.epochs);
  const waves = (seed) => Array.from({ length: 3 }, (_, i) => [random(seed, i, 1) * 6.28, 0.25 + random(seed, i, 2) * (1.2 / (1 + depth / 2)), random(seed, i, 3) * 6.28]);
  return {
    document: "synthesis",
    epoch,
    layer: name ?? null,
    recipe: "128 steps from noise (seed 1), shifted by up to 2 px, blurred, decayed",
    views: targets.map((target, tile) => {
      const natural = Number((0.4 + 5 * done * (0.3 + random(depth, target))).toPrecision(4));
      return { target, tile, start: Number((0.1 * natural).toPrecision(4)), end: Number((2.3 * natural).toPrecision(4)), natural };
    }),
    atlas: run.atlas(`synthesis ${depth} ${map ?? "all"} ${epoch}`, targets.length, 8, IMAGE, (tile, y, x) => {
      const seed = 1000 * (depth + 1) + targets[tile];
      return [0, 1, 2].map((c) => {
        const sum = waves(seed).reduce((total, [turn, pace, phase]) => total + Math.cos((x * Math.cos(turn) + y * Math.sin(turn)) * pace + phase + 0.7 * c * random(seed, 9)), 0);
        return Math.min(1, Math.max(0, 0.5 + 0.17 * sum * done + 0.08 * normal(seed, y, x, c)));
      });
    }),
  };
}
