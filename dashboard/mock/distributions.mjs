// Synthetic distributions of the readings of a layer's feature maps.
import { normal, progress } from "./draw.mjs";

const four = (value) => Number(value.toPrecision(4));

/** Median of a random network and of a trained one, half the distance of the quartiles, and the ends. */
const READINGS = {
  zero_share: [0.5, 0.78, 0.06, 0, 1],
  hoyer: [0.49, 0.68, 0.05, 0, 1],
  lifetime_sparseness: [0.25, 0.62, 0.07, 0, 1],
  localisation: [0.98, 0.46, 0.07, 0, 2],
  input_likeness: [0.5, 0.24, 0.09, 0, 1],
  largest: [0.9, 4.5, 0.5, 0, 50],
};

/** The event with a layer's distributions. */
export function distributions(run, depth, epoch) {
  const layer = run.layers[depth];
  const done = progress(depth, epoch, run.options.epochs);
  const readings = {};
  for (const [name, [random, trained, half, least, most]] of Object.entries(READINGS)) {
    const middle = random + (trained - random) * done + 0.02 * (trained - random) * normal(depth, epoch, name.length);
    const spread = half * (0.5 + done);
    const clamp = (value) => four(Math.min(most, Math.max(least, value)));
    readings[name] = [-2.4, -1, 0, 1, 2.2].map((times) => clamp(middle + times * spread));
  }
  return { kind: "layer_distributions", epoch, layer: layer.name, live: layer.maps - 1, readings };
}
