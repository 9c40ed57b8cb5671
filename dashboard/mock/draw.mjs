// Synthetic pictures: probe images, filters that turn from noise into Gabors, and projections.
import { PNG } from "pngjs";

/** A repeatable random number in [0, 1) for any list of whole numbers. */
export function random(...seed) {
  let h = 2166136261;
  for (const part of seed) {
    h = Math.imul(h ^ (part + 0x9e3779b9), 16777619);
    h ^= h >>> 13;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h ^= h >>> 13;
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

export function normal(...seed) {
  const [a, b] = [random(...seed, 1), random(...seed, 2)];
  return Math.sqrt(-2 * Math.log(a + 1e-9)) * Math.cos(2 * Math.PI * b);
}

export const CLASSES = ["disc", "square", "triangle", "ring", "cross", "bar", "half-disc", "striped disc"];
export const IMAGE = 32;

const drawn = new Map();

/** Pixel of probe image `i`, as three numbers in 0…1. Outside the image: undefined. */
export function probePixel(i, y, x, [, height, width] = [3, IMAGE, IMAGE]) {
  if (y < 0 || x < 0 || y >= height || x >= width) return undefined;
  // Images of other sizes are the same, stretched.
  [y, x] = [Math.floor((y / height) * IMAGE), Math.floor((x / width) * IMAGE)];
  let image = drawn.get(i);
  if (image === undefined) {
    image = Array.from({ length: IMAGE * IMAGE }, (_, at) => pixel(i, Math.floor(at / IMAGE), at % IMAGE));
    drawn.set(i, image);
  }
  return image[y * IMAGE + x];
}

function pixel(i, y, x) {
  const kind = i % CLASSES.length;
  const [cy, cx] = [11 + 9 * random(i, 3), 11 + 9 * random(i, 4)];
  const size = 6 + 3 * random(i, 5);
  const turn = Math.PI * random(i, 6);
  const [dy, dx] = [y - cy, x - cx];
  const [v, u] = [dy * Math.cos(turn) - dx * Math.sin(turn), dy * Math.sin(turn) + dx * Math.cos(turn)];
  const r = Math.hypot(u, v);
  const inside = [
    r < size,
    Math.max(Math.abs(u), Math.abs(v)) < size * 0.85,
    v > -size * 0.6 && Math.abs(u) < (size - v) * 0.55,
    r < size && r > size * 0.55,
    Math.min(Math.abs(u), Math.abs(v)) < size * 0.28 && Math.max(Math.abs(u), Math.abs(v)) < size,
    Math.abs(u) < size && Math.abs(v) < size * 0.3,
    r < size && v > 0,
    r < size && Math.floor((u + 20) / 2.5) % 2 === 0,
  ][kind];
  const grey = 0.45 + 0.12 * Math.sin((y + 40 * random(i, 7)) / 7) + 0.1 * Math.sin((x + 40 * random(i, 8)) / 9);
  return [0, 1, 2].map((c) => {
    const colour = inside ? (random(i, 20 + c) - 0.4) * 0.9 : 0;
    return Math.min(1, Math.max(0, grey + colour + 0.03 * normal(i, y, x, c)));
  });
}

/** How far a layer has come at an epoch: 0 untrained, 1 settled. */
export function progress(depth, epoch, epochs) {
  const pace = (5 + 3.5 * depth) * Math.max(1, epochs / 40);
  return 1 - Math.exp(-epoch / pace);
}

/** Weight of filter `f`, in −1…1. */
export function weight(f, y, x, c, size, done) {
  const noise = 0.45 * normal(f, y, x, c, 77);
  const learns = random(f, 99) < 0.85 ? 1 : 0.1;
  const t = Math.min(1, done * learns * (0.8 + 0.6 * random(f, 98)));
  const turn = Math.PI * random(f, 31);
  const [dy, dx] = [y - (size - 1) / 2, x - (size - 1) / 2];
  const u = dx * Math.cos(turn) + dy * Math.sin(turn);
  const wave = Math.cos(u * (0.5 + 1.3 * random(f, 32)) + 6.28 * random(f, 33));
  const bump = Math.exp(-(dy * dy + dx * dx) / (2 * (size / 3) ** 2));
  const colour = f % 3 === 0 ? random(f, 34 + c) * 2 - 1 : 0.75;
  return Math.max(-1, Math.min(1, (1 - t) * noise + t * wave * bump * colour));
}

/** Value of a projection's pixel, in −1…1. */
export function projected(map, image, y, x, c, field, done) {
  const pixel = probePixel(image, field.top + y, field.left + x);
  const near = probePixel(image, field.top + y, field.left + x + 1);
  if (pixel === undefined) return 0;
  const edge = near === undefined ? 0 : (pixel[c] - near[c]) * 2.4;
  const [dy, dx] = [(y - field.height / 2) / field.height, (x - field.width / 2) / field.width];
  const bump = Math.exp(-(dy * dy + dx * dx) * 9);
  const shape = (pixel[c] - 0.5) * 1.5 * (map % 2 === 0 ? 1 : -1) + edge;
  return Math.max(-1, Math.min(1, bump * (done * shape + (1 - done) * 0.7 * normal(map, y, x, c))));
}

/** Tiles are at most so long, as the recorder makes them. */
const LONGEST = 128;

/**
 * How pictures of some shape become tiles, as the recorder makes them: channels that are no colours side by side, and
 * smaller if they are large. `at(y, x)` gives the pixel (plane, y and x) that a tile's pixel shows.
 */
export function layout([channels, height, width]) {
  const planes = channels === 3 ? 1 : channels;
  const columns = Math.ceil(Math.sqrt(planes));
  const whole = [Math.ceil(planes / columns) * (height + 1) - 1, columns * (width + 1) - 1];
  const times = Math.min(1, LONGEST / Math.max(...whole));
  const [high, wide] = whole.map((side) => Math.max(1, Math.floor(side * times)));
  const at = (y, x) => {
    const [down, right] = [Math.floor(((y + 0.5) / high) * whole[0]), Math.floor(((x + 0.5) / wide) * whole[1])];
    const [plane, top, left] = [Math.floor(down / (height + 1)) * columns + Math.floor(right / (width + 1)), down % (height + 1), right % (width + 1)];
    return plane >= planes || top >= height || left >= width ? undefined : { plane, y: top, x: left };
  };
  const original = planes > 1 || times < 1 ? { height, width, planes, columns } : undefined;
  return { high, wide, at, original };
}

/** Draws `count` tiles into one PNG; `paint(tile, y, x)` gives three numbers in 0…1, or nothing where there is no pixel. */
export function atlasPng(count, columns, height, width, paint) {
  const rows = Math.ceil(count / columns);
  const png = new PNG({ width: columns * width, height: rows * height, colorType: 6 });
  for (let tile = 0; tile < count; tile++) {
    const [top, left] = [Math.floor(tile / columns) * height, (tile % columns) * width];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = ((top + y) * png.width + left + x) * 4;
        const rgb = paint(tile, y, x);
        if (rgb === undefined) continue;
        for (let c = 0; c < 3; c++) png.data[at + c] = Math.round(255 * rgb[c]);
        png.data[at + 3] = 255;
      }
    }
  }
  return PNG.sync.write(png, { colorType: 6 });
}
