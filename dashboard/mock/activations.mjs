// Synthetic feature maps: a probe image filtered by patterns that the maps learn.
import { IMAGE, normal, probePixel, progress, random, weight } from "./draw.mjs";
import { readPlane } from "./planes.mjs";

const TAPS = 5;

function greyAt(image, y, x) {
  const clamp = (v) => Math.min(IMAGE - 1, Math.max(0, Math.round(v)));
  const [r, g, b] = probePixel(image, clamp(y), clamp(x));
  return (r + g + b) / 3;
}

/** Whether a map of a layer never responds, or has learned to copy its input. */
export function fate(depth, map) {
  const chance = random(depth, map, 55);
  return chance < 0.06 ? "dead" : chance > 0.94 ? "copy" : "live";
}

/** The plane of one map for one image. */
function plane(run, depth, map, image, epoch, signed) {
  const { side } = run.layers[depth];
  const stride = IMAGE / side;
  const done = progress(depth, epoch, run.options.epochs);
  const what = fate(depth, map);
  const tap = 1 + depth;
  return Array.from({ length: side * side }, (_, i) => {
    const [y, x] = [(Math.floor(i / side) + 0.5) * stride, ((i % side) + 0.5) * stride];
    if (what === "dead") return 0;
    if (what === "copy") return 2 * greyAt(image, y, x) * (0.9 + 0.1 * random(map, i));
    let [sum, weights, mean] = [0, 0, 0];
    for (let ty = 0; ty < TAPS; ty++) {
      for (let tx = 0; tx < TAPS; tx++) {
        const grey = greyAt(image, y + tap * (ty - 2), x + tap * (tx - 2));
        const w = weight(map + 100 * depth, ty, tx, 1, TAPS, done);
        sum += grey * w;
        weights += w / TAPS ** 2;
        mean += grey;
      }
    }
    // Without their mean, so that the patterns count and not how bright it is.
    const value = 1.4 * (sum - weights * mean) - 0.25 * done * random(depth, map, 12) + 0.08 * (1 - done) * normal(depth, map, i);
    return signed ? value : Math.max(0, value);
  });
}

/** The document of a layer's feature maps for one image. */
export function activations(run, { layer: name, image }, epoch) {
  const depth = run.layers.findIndex((layer) => layer.name === name);
  const { maps, side } = run.layers[depth];
  const signed = name === "blocks.1.conv";
  const stride = IMAGE / side;
  const grey = Array.from({ length: side * side }, (_, i) => greyAt(image, (Math.floor(i / side) + 0.5) * stride, ((i % side) + 0.5) * stride));
  const planes = Array.from({ length: maps }, (_, map) => plane(run, depth, map, image, epoch, signed));
  const views = planes.map((values, map) => ({ ...readPlane(values, side, grey), dead: fate(depth, map) === "dead" }));
  const peaks = views.map(({ scale }) => scale ?? 0);
  const [sum, squares] = [peaks.reduce((a, b) => a + b, 0), peaks.reduce((a, b) => a + b * b, 0)];
  return {
    document: "activations",
    epoch,
    layer: name,
    image,
    signed,
    atlas: run.atlas(`activations ${depth} ${image} ${epoch}`, maps, 16, side, (map, y, x) => {
      const scale = views[map].scale || 1;
      const value = planes[map][y * side + x] / scale;
      const shade = signed ? 0.5 + 0.5 * value : value;
      return [shade, shade, shade];
    }),
    maps: views,
    population_sparseness: sum === 0 ? null : Number(((1 - (sum / maps) ** 2 / (squares / maps)) / (1 - 1 / maps)).toPrecision(4)),
  };
}
