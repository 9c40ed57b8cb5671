// Synthetic occlusions: what hides the object of a probe image costs its class, the more the further the training is.
import { CLASSES, IMAGE, normal, probePixel, progress, random } from "./draw.mjs";

/** A length of the images, in pixels of those that are drawn. */
const drawn = (length, extent) => (length / extent) * IMAGE;

const four = (value) => Number(value.toPrecision(4));

/** Where the object of a probe image is, as `draw.mjs` draws it. */
function object(image) {
  return { y: 11 + 9 * random(image, 3), x: 11 + 9 * random(image, 4), size: 6 + 3 * random(image, 5) };
}

/** Share of a soft disc that a square hides. */
function hidden({ y, x, size }, top, left, square) {
  const along = (middle, start) => gauss((start + square - middle) / size) - gauss((start - middle) / size);
  return along(y, top) * along(x, left);
}

/** The normal distribution, nearly. */
function gauss(t) {
  return 1 / (1 + Math.exp(-2.4 * t));
}

/** What each fill does besides hiding: a square is something to see, too. */
const EFFECT = { grey: 1, mean: 0.85, blur: 0.6 };

/** Per pixel the mean drop over the squares that cover it; nothing where none does. */
function perPixel({ width, height, ...grid }, drops) {
  const sums = Array.from({ length: height * width }, () => [0, 0]);
  grid.places.forEach(([top, left], at) => {
    for (let y = top; y < top + grid.square; y++) {
      for (let x = left; x < left + grid.square; x++) {
        sums[y * width + x][0] += drops[at];
        sums[y * width + x][1] += 1;
      }
    }
  });
  const means = sums.map(([sum, count]) => (count === 0 ? undefined : sum / count));
  return { means, scale: four(Math.max(...means.map((value) => Math.abs(value ?? 0)))) };
}

function prediction(run, grid, image, epoch, { class: wanted, fill }) {
  const done = progress(0, epoch, run.options.epochs);
  const truth = image % CLASSES.length;
  const target = wanted ?? truth;
  const others = [(truth + 3) % CLASSES.length, (truth + 6) % CLASSES.length];
  const part = (seed) => random(image, seed) - 0.5;
  const place = object(image);
  const where = { y: place.y + 5 * part(41), x: place.x + 5 * part(42), size: 0.75 * place.size };
  const clean = 1 / CLASSES.length + (0.96 - 1 / CLASSES.length) * done * (0.75 + 0.25 * random(image, 43));
  const ofTruth = (top, left, at) => {
    const cost = Math.min(1, 1.9 * EFFECT[fill] * hidden(where, ...grid.seen(top, left)) * Math.min(1, 1.6 * done));
    return Math.min(1, Math.max(0, clean * (1 - cost) + 0.012 * normal(image, epoch, at, fill.length)));
  };
  const rest = (left) => (grid.seen(0, left)[1] > place.x - grid.seen(0, left)[2] / 2 ? others : others.toReversed());
  const ofClass = (truthful, left) => {
    const [first, second] = rest(left);
    const share = target === first ? 0.6 : target === second ? 0.25 : 0.15 / (CLASSES.length - 3);
    return target === truth ? truthful : (1 - truthful) * share;
  };
  const truthful = grid.places.map(([top, left], at) => ofTruth(top, left, at));
  const probabilities = grid.places.map(([, left], at) => four(ofClass(truthful[at], left)));
  const top = grid.places.map(([, left], at) => (truthful[at] > 0.6 * (1 - truthful[at]) ? truth : rest(left)[0]));
  const whole = four(ofClass(clean, 0));
  const drops = perPixel(grid, probabilities.map((value) => whole - value));
  return { class: target, clean: whole, probabilities, clean_top: clean > 0.6 * (1 - clean) ? truth : others[1], top, drops };
}

/** A number of the output that is no class. */
function number(run, grid, image, epoch, { class: wanted, fill }) {
  const of = (at) => four(-0.31 - 0.1 * at + 0.002 * epoch);
  const values = grid.places.map((_, at) => four(of(wanted ?? 7) + 0.2 * random(image, at, fill.length)));
  const chosen = wanted ?? 7;
  const drops = perPixel(grid, values.map((value) => of(chosen) - value));
  return { quantity: "number", class: chosen, clean: of(chosen), probabilities: values, clean_top: 7, top: [], drops };
}

function layerOf(run, grid, image, epoch, depth, wanted, { fill }) {
  const { name, maps, side } = run.layers[depth];
  const done = progress(depth, epoch, run.options.epochs);
  const map = wanted ?? Math.floor(maps * random(depth, image, Math.floor(epoch / 12), 44));
  const place = object(image);
  const away = 0.5 * place.size;
  const where = { y: place.y + away * normal(map, depth, 1), x: place.x + away * normal(map, depth, 2), size: place.size * (1 - 0.12 * depth) };
  const clean = side * side * (0.15 + 0.5 * random(depth, map, 45)) * (0.3 + done);
  const [even, local] = [(0.9 * grid.square ** 2) / (grid.height * grid.width) / (1 + depth), (0.3 + 0.3 * depth) * EFFECT[fill] * (0.15 + 0.85 * done)];
  const sums = grid.places.map(([top, left], at) => four(clean * (1 - even - local * hidden(where, ...grid.seen(top, left)) + 0.006 * normal(map, at, epoch, depth))));
  const drops = perPixel(grid, sums.map((value) => clean - value));
  const agree = 0.2 + 0.55 * done * (0.8 + 0.2 * random(map, 46));
  const level = depth === 0 && epoch === 0;
  return {
    view: {
      layer: name,
      map,
      clean: four(clean),
      sums,
      agreement: {
        correlation: level ? null : four(agree),
        correlation_of_others: level ? null : four(0.24 + 0.16 * random(map, 47)),
        overlap: level ? null : four(0.14 + 0.5 * done * random(map, 48)),
        overlap_of_others: level ? null : four(0.13 + 0.12 * random(map, 49)),
      },
    },
    drops,
    scale: four(0.02 + 0.4 * done * random(depth, map, 9)),
    paint: (y, x) => {
      const pixel = probePixel(image, y, x, run.shape);
      const near = probePixel(image, y, Math.min(grid.width - 1, x + 1), run.shape);
      const [down, right] = grid.seen(y, x);
      const bump = Math.exp(-((down - where.y) ** 2 + (right - where.x) ** 2) / (1.6 * where.size ** 2));
      return [0, 1, 2].map((c) => {
        const shape = (pixel[c] - 0.5) * (map % 2 === 0 ? 1.3 : -1.3) + 2.4 * (pixel[c] - near[c]);
        const value = bump * (done * shape + (1 - done) * 0.5 * normal(map, y, x, c));
        return 0.5 + 0.5 * Math.max(-1, Math.min(1, value));
      });
    },
  };
}

/** The document of an occlusion of one image: of the prediction and all layers, or of one map. */
export function occlusion(run, { image, settings, layer: only, map }, epoch) {
  const [, height, width] = run.shape;
  const square = settings.square ?? Math.floor(Math.min(height, width) / 4);
  const stride = settings.stride ?? Math.max(1, Math.floor(square / 4));
  const [rows, columns] = [height, width].map((extent) => Array.from({ length: Math.floor((extent - square) / stride) + 1 }, (_, i) => i * stride));
  const seen = (top, left) => [drawn(top, height), drawn(left, width), drawn(square, Math.min(height, width))];
  const grid = { square, height, width, seen, places: rows.flatMap((top) => columns.map((left) => [top, left])) };
  const tiles = [];
  const dropTile = ({ means, scale }) => {
    const tile = tiles.push((y, x) => {
      const value = means[y * width + x];
      return value === undefined ? undefined : Array(3).fill(0.5 + (0.5 * value) / (scale || 1));
    });
    return { pixels: tile - 1, pixels_scale: scale };
  };
  const { meaning } = run.output();
  const read = run.options.classless ? null : meaning === "numbers" ? number(run, grid, image, epoch, settings) : prediction(run, grid, image, epoch, settings);
  const { drops, ...rest } = read ?? {};
  const layers = run.layers
    .flatMap(({ name }, depth) => (only === undefined || only === name ? [layerOf(run, grid, image, epoch, depth, map, settings)] : []))
    .map(({ view, drops: ofLayer, scale, paint }) => ({ ...view, ...dropTile(ofLayer), projection: tiles.push(paint) - 1, projection_scale: scale }));
  const other = { fill: settings.fill === "blur" ? "grey" : "blur", correlation: epoch === 0 ? 0.21 : 0.86 };
  const predicted = read === null ? null : { ...rest, ...dropTile(drops), other_fill: other };
  return {
    document: "occlusion",
    epoch,
    image,
    square,
    stride,
    fill: settings.fill,
    rows,
    columns,
    prediction: predicted,
    ...(read === null && { no_prediction: "the model's output for one image has shape [8, 4, 4], not [numbers]" }),
    layers,
    atlas: run.images(`occlusion ${JSON.stringify([image, settings, only, map])} ${epoch}`, tiles.length, 8, (tile, y, x) => tiles[tile](y, x)),
  };
}
