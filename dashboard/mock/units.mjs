// Synthetic top images of feature maps, with patches that reach beyond the image.
import { CLASSES, IMAGE, normal, probePixel, progress, projected, random } from "./draw.mjs";
import { fate } from "./activations.mjs";

const TOPS = 9;
/** Of more maps than this there are no pictures in the study of the whole layer. */
const PICTURED = 64;
const four = (value) => Number(value.toPrecision(4));

/** The images that excite a map most at an epoch, strongest first. They change often at first, and seldom later. */
function tops(run, depth, map, epoch) {
  if (fate(depth, map) === "dead") return [];
  const images = [];
  for (let rank = 0; images.length < Math.min(TOPS, run.probes); rank++) {
    let since = epoch;
    while (since > 0 && random(depth, map, since, rank) >= 0.5 * (1 - progress(depth, since, run.options.epochs)) + 0.02) since -= 1;
    const done = progress(depth, since, run.options.epochs);
    const kind = Math.floor(CLASSES.length * random(depth, map, 71));
    const any = Math.floor(run.probes * random(depth, map, since, rank, 5));
    // A trained map prefers a class.
    const image = random(depth, map, rank, since, 6) < 0.75 * done ? any - (any % CLASSES.length) + kind : any;
    if (image < run.probes && !images.includes(image)) images.push(image);
    else if (rank > 200) break;
  }
  return images;
}

function hit(run, depth, map, image, rank, epoch) {
  const layer = run.layers[depth];
  const done = progress(depth, epoch, run.options.epochs);
  const row = Math.floor(layer.side * random(depth, map, image, 6));
  const column = Math.floor(layer.side * random(depth, map, image, 7));
  const stride = IMAGE / layer.side;
  const at = (p) => Math.floor(p * stride + stride / 2 - layer.field / 2);
  const value = four((0.4 + 5 * done * (0.3 + random(depth, map))) * (1 - 0.045 * rank) + 0.004 * normal(map, epoch, rank));
  const wrong = map === 5 && rank === 2;
  return {
    image,
    label: image % CLASSES.length,
    row,
    column,
    value,
    again: wrong ? four(0.8 * value) : value,
    reproduced: !wrong,
    field: { top: at(row), left: at(column), height: layer.field, width: layer.field },
    patch: null,
    projection: null,
    projection_scale: null,
  };
}

/** The document of the images that excite a layer's maps, or one map, most. */
export function units(run, { layer: name, map: only }, epoch) {
  const depth = run.layers.findIndex((layer) => layer.name === name);
  const layer = run.layers[depth];
  const all = only === undefined ? Array.from({ length: layer.maps }, (_, map) => map) : [only];
  const earlier = epoch >= 5 ? epoch - (epoch % 5 || 5) : null;
  const tiles = [];
  const pictured = only === undefined && layer.maps > PICTURED ? new Set() : new Set(all);
  const views = all.map((map) => {
    const images = tops(run, depth, map, epoch);
    const hits = images.map((image, rank) => {
      const found = hit(run, depth, map, image, rank, epoch);
      if (!pictured.has(map)) return found;
      found.patch = tiles.push({ map, ...found }) - 1;
      found.projection = tiles.push({ map, ...found, projected: true }) - 1;
      found.projection_scale = four(0.02 + 0.4 * random(depth, map, rank, 9));
      return found;
    });
    const before = earlier === null ? [] : tops(run, depth, map, earlier);
    const union = new Set([...images, ...before]);
    const churn = earlier === null || union.size === 0 ? null : four(1 - images.filter((image) => before.includes(image)).length / union.size);
    return { map, hits, churn };
  });
  const done = progress(depth, epoch, run.options.epochs);
  const reading = (seed, start, end, width) => all.map((map) => (fate(depth, map) === "dead" ? null : four(start + (end - start) * done + width * (random(depth, map, seed) - 0.5))));
  return {
    document: "units",
    epoch,
    layer: name,
    searched: { name: "the probe images", count: run.probes, repeated: 0, probe: true },
    field_status: "exact",
    units: views,
    earlier,
    atlas: run.atlas(`units ${depth} ${only ?? "all"} ${epoch}`, tiles.length, 36, layer.field, (index, y, x) => {
      const tile = tiles[index];
      const pixel = probePixel(tile.image, tile.field.top + y, tile.field.left + x);
      if (pixel === undefined || !tile.projected) return pixel;
      return [0, 1, 2].map((c) => 0.5 + 0.5 * projected(tile.map, tile.image, y, x, c, tile.field, done));
    }),
    readings: {
      dead: all.map((map) => fate(depth, map) === "dead"),
      largest: views.map(({ hits }) => hits[0]?.value ?? 0),
      zero_share: reading(1, 0.5, 0.78, 0.2),
      hoyer: reading(2, 0.49, 0.68, 0.2),
      lifetime_sparseness: reading(3, 0.25, 0.62, 0.3),
      localisation: reading(4, 0.98, 0.46, 0.3),
      input_likeness: all.map((map) => (fate(depth, map) === "dead" ? null : fate(depth, map) === "copy" ? 0.91 : four(0.5 - 0.3 * done + 0.2 * random(depth, map, 8)))),
    },
  };
}
