// A synthetic embedding: one cloud at first, that falls apart into classes.
import { normal, progress, random } from "./draw.mjs";

const EVERY = 5;
const four = (value) => Number(value.toFixed(4));

/** The document of the probe images by how alike a layer finds them. */
export function embedding(run, { layer: name }, epoch) {
  const depth = run.layers.findIndex((layer) => layer.name === name);
  const done = progress(depth, epoch, run.options.epochs) * (0.35 + 0.2 * depth);
  const { labels } = run.started().probe;
  const kinds = Math.max(8, ...labels.map((label) => label + 1));
  const points = Array.from({ length: run.probes }, (_, image) => {
    const kind = labels[image] ?? image % 8;
    const [angle, reach] = [(2 * Math.PI * kind) / kinds + 0.8 * random(depth, kind), 0.8 + 0.5 * random(depth, kind, 2)];
    // Every now and then an image stays with the wrong class.
    const stray = random(depth, image, 3) < 0.04 ? 1.6 : 0;
    const spread = 1.1 - 0.95 * done;
    return [
      3 * done * reach * Math.cos(angle + stray) + spread * normal(depth, image, 4) + 0.05 * normal(image, epoch, 5),
      3 * done * reach * Math.sin(angle + stray) + spread * normal(depth, image, 6) + 0.05 * normal(image, epoch, 7),
    ];
  });
  const mean = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const centred = points.map(([x, y]) => [x - mean[0], y - mean[1]]);
  const scale = Math.sqrt(centred.reduce((sum, [x, y]) => sum + x * x + y * y, 0) / centred.length) || 1;
  return {
    document: "embedding",
    epoch,
    layer: name,
    points: centred.map(([x, y]) => [four(x / scale), four(y / scale)]),
    perplexity: Math.min(15, Math.floor((run.probes - 1) / 3)),
    aligned_to: epoch === 0 ? null : epoch - (epoch % EVERY || EVERY),
    ...(new Set(labels).size < 2 && { no_neighbours: labels.length === 0 ? "the probe images have no labels" : "all probe images are of one class" }),
    neighbours: new Set(labels).size < 2 ? null : { neighbours: 5, value: four(Math.min(0.98, 0.2 + 0.85 * done)), chance: four(11 / 95) },
  };
}
