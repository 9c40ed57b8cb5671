// Synthetic directions: in the raw space random mixtures are as pure as units, in the whitened one they are not.
import { CLASSES, IMAGE, probePixel, progress, random } from "./draw.mjs";

const HITS = 9;
const SHOWN = 10;
const BASES = ["raw", "standardised", "whitened"];
/** How much purer the units of a trained layer are, and half the width of the interval. */
const EDGE = { raw: [0.01, 0.045], standardised: [0.09, 0.055], whitened: [0.26, 0.05] };
const three = (value) => Number(value.toFixed(3));

/** Top images of a direction, most of them of one class. */
function view(run, layer, depth, seed, lean, map, tiles) {
  const { labels } = run.started().probe;
  const kinds = Math.max(1, ...labels.map((label) => label + 1));
  const kind = Math.floor(Math.min(kinds, CLASSES.length) * random(seed, 1));
  const images = [];
  for (let rank = 0; images.length < Math.min(HITS, run.probes); rank++) {
    const any = Math.floor(run.probes * random(seed, rank, 2));
    const image = random(seed, rank, 3) < lean ? any - (any % kinds) + kind : any;
    if (image < run.probes && !images.includes(image)) images.push(image);
    else if (rank > 300) break;
  }
  const stride = IMAGE / layer.side;
  const at = (p) => Math.floor(p * stride + stride / 2 - layer.field / 2);
  const hits = images.map((image, rank) => {
    const row = Math.floor(layer.side * (0.2 + 0.6 * random(seed, image, 6)));
    const column = Math.floor(layer.side * (0.2 + 0.6 * random(seed, image, 7)));
    const field = { top: at(row), left: at(column), height: layer.field, width: layer.field };
    const value = Number(((2.2 + random(seed, 8)) * (1 - 0.05 * rank)).toPrecision(4));
    return { image, row, column, value, field, patch: tiles.push({ image, field }) - 1 };
  });
  if (new Set(labels).size < 2) return { map, purity: null, class: null, hits };
  const counts = new Map();
  for (const image of images) counts.set(labels[image], (counts.get(labels[image]) ?? 0) + 1);
  const [commonest, count] = [...counts].sort(([, a], [, b]) => b - a)[0];
  return { map, purity: three(count / images.length), class: commonest, hits };
}

const SENTENCES = {
  none: "not compared: the probe images have no labels",
  one: "not compared: all probe images are of one class, so that any direction's images are",
  level: (name) => `In ${name}, single units are no more meaningful than random directions: the images of both agree about as much.`,
  above: (name) => `In ${name}, single units are more meaningful than random directions: their images agree more often on a class.`,
};

function compare(run, layer, depth, epoch, basis, tiles) {
  const done = progress(depth, epoch, run.options.epochs);
  const seed = 1000 * depth + 100 * BASES.indexOf(basis) + epoch;
  const [edge, half] = EDGE[basis];
  const { labels } = run.started().probe;
  const labelled = new Set(labels).size > 1;
  const random_purity = three(0.32 + 0.34 * done * (0.5 + 0.15 * depth) * (basis === "whitened" ? 0.4 : 1));
  const difference = three(edge * done + 0.02 * (random(seed, 9) - 0.5));
  const number = (value) => (labelled ? three(value) : null);
  const says = !labelled ? (labels.length === 0 ? SENTENCES.none : SENTENCES.one) : (difference - half > 0 ? SENTENCES.above : SENTENCES.level)(layer.name);
  const lean = Math.min(0.95, 0.1 + 1.1 * random_purity);
  const shown = Math.min(SHOWN, layer.maps);
  return {
    basis,
    units: number(random_purity + difference),
    random: number(random_purity),
    difference: number(difference),
    low: number(difference - half),
    high: number(difference + half),
    directions: layer.maps,
    statement: says,
    unit_views: Array.from({ length: shown }, (_, i) => {
      const map = Math.floor((i * layer.maps) / shown);
      return view(run, layer, depth, seed + 7 * i + 1, lean * (0.6 + 0.5 * random(depth, map)) + difference, map, tiles);
    }),
    random_views: Array.from({ length: shown }, (_, i) => view(run, layer, depth, seed + 7 * i + 50_000, lean * (0.6 + 0.5 * random(i, 4)), null, tiles)),
  };
}

/** The document of a layer's units against random directions. */
export function directions(run, { layer: name }, epoch) {
  const depth = run.layers.findIndex((layer) => layer.name === name);
  const layer = run.layers[depth];
  const tiles = [];
  const bases = BASES.map((basis) => compare(run, layer, depth, epoch, basis, tiles));
  return {
    document: "directions",
    epoch,
    layer: name,
    images: run.probes,
    chance: new Set(run.started().probe.labels).size > 1 ? 0.313 : null,
    field_status: depth === 2 ? "upper_bound" : "exact",
    bases,
    atlas: run.atlas(`directions ${depth} ${epoch}`, tiles.length, 36, layer.field, (index, y, x) => {
      const { image, field } = tiles[index];
      return probePixel(image, field.top + y, field.left + x);
    }),
  };
}
