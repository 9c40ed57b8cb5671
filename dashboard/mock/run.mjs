// A synthetic run: the records a server would send, and the pictures they name, drawn when asked for.
import { createHash } from "node:crypto";
import { imagesCaution } from "./settling.mjs";
import { CLASSES, IMAGE, atlasPng, layout, normal, probePixel, progress, projected, random } from "./draw.mjs";

const RANKED = 9;

const LAYERS = [
  { name: "conv1", description: "conv 5×5, 3 → 16 + relu", maps: 16, side: 32, field: 5, kernel: 5 },
  { name: "blocks.0.conv", description: "conv 3×3, 16 → 32 + batch norm + relu", maps: 32, side: 16, field: 10, kernel: 3 },
  { name: "blocks.1.conv", description: "conv 3×3, 32 → 48 + batch norm + relu", maps: 48, side: 8, field: 20, kernel: 3 },
  { name: "head.conv", description: "conv 3×3, 48 → 64 + relu", maps: 64, side: 4, field: 32, kernel: 3 },
];

export class Run {
  constructor(options) {
    this.options = options;
    this.id = options.runId;
    this.name = options.name ?? "shapes, 4 convolutions";
    this.painters = new Map();
    this.documents = new Map();
    this.probes = options.few ? 3 : (options.images ?? 96);
    /** Channels, height and width of the images. */
    this.shape = options.shape ?? [3, IMAGE, IMAGE];
    const extra = Array.from({ length: Math.max(0, options.layers - LAYERS.length) }, (_, i) => ({
      ...LAYERS[1 + (i % 3)],
      name: `deep.${i}.conv`,
    }));
    this.layers = [...LAYERS, ...extra].slice(0, options.layers);
    if (options.wide) this.layers[this.layers.length - 1] = { ...this.layers.at(-1), maps: 512 };
  }

  image(key, paint) {
    const id = createHash("sha256").update(`${this.id} ${key}`).digest("hex").slice(0, 32);
    this.painters.set(id, paint);
    return id;
  }

  /** A document that is made when somebody fetches it. */
  document(key, make) {
    const id = createHash("sha256").update(`${this.id} document ${key}`).digest("hex").slice(0, 32);
    this.documents.set(id, make);
    return id;
  }

  json(id) {
    const make = this.documents.get(id);
    return make && JSON.stringify(make());
  }

  png(id) {
    return this.painters.get(id)?.();
  }

  atlas(key, count, columns, side, paint) {
    const image = this.image(key, () => atlasPng(count, columns, side, side, paint));
    return { image, tile_height: side, tile_width: side, columns, count };
  }

  /** Tiles as large as the images, laid out and made smaller as the recorder does; `paint` is asked for pixels of them. */
  images(key, count, columns, paint) {
    const { high, wide, at, original } = layout(this.shape);
    const image = this.image(key, () =>
      atlasPng(count, columns, high, wide, (tile, y, x) => {
        const pixel = at(y, x);
        if (pixel === undefined) return undefined;
        const colours = paint(tile, pixel.y, pixel.x, pixel.plane);
        return colours && this.shape[0] !== 3 ? Array(3).fill(colours[0]) : colours;
      }),
    );
    return { image, tile_height: high, tile_width: wide, columns, count, ...(original && { original }) };
  }

  /** What the model puts out. */
  output() {
    const { classes = CLASSES.length, output } = this.options;
    if (output === undefined && classes === 0) return { meaning: "numbers", count: 8, names: [], reason: "the model puts out 8 numbers for an image, and there are neither labels nor class names" };
    return output ?? { meaning: "classes", count: classes, names: [], reason: `there are ${classes} class names` };
  }

  started(first_epoch = 1) {
    const { classes = CLASSES.length } = this.options;
    const supported = { status: "supported" };
    const layers = this.layers.map((layer, depth) => ({
      name: layer.name,
      description: layer.description,
      shape: [layer.maps, layer.side, layer.side],
      receptive_field: { size: [layer.field, layer.field], status: "exact" },
      status: supported,
      outside_definition: null,
      followed: Array.from({ length: 16 }, (_, i) => Math.floor((i * layer.maps) / 16)),
      first: depth === 0,
      ...(this.options.lines && { no_filters: "the weights of a convolution over lines are no pictures: as filters they are not judged" }),
    }));
    if (this.options.unsupported) {
      layers.push({
        name: "attention.mix",
        description: "conv 1×1, 64 → 64 + softmax",
        shape: [64, 4, 4],
        receptive_field: null,
        status: { status: "unsupported", operation: "Softmax" },
        outside_definition: null,
        followed: [],
        first: false,
      });
    }
    return {
      kind: "run_started",
      run_id: this.id,
      name: this.name,
      spyhole_version: "0.1.0",
      first_epoch,
      last_epoch: this.options.epochs,
      input_shape: this.shape,
      ...(!this.options.old && { output: this.output() }),
      parameters: 48_392,
      layers,
      probe: {
        atlas: this.images("probe", this.probes, 12, (tile, y, x) => probePixel(tile, y, x, this.shape)),
        caution: imagesCaution(this.options, this.probes),
        ...(this.options.few && { not_studied: [{ study: "embedding", reason: `needs at least 8 probe images, there are ${this.probes}` }] }),
        labels: classes === 0 ? [] : Array.from({ length: this.probes }, (_, i) => i % classes),
        class_names: this.options.names ?? Array.from({ length: classes }, (_, i) => (i < CLASSES.length ? CLASSES[i] : `${CLASSES[i % CLASSES.length]} ${1 + Math.floor(i / CLASSES.length)}`)),
      },
    };
  }

  unit(layer, depth, map, epoch, tile) {
    const done = progress(depth, epoch, this.options.epochs);
    // The strongest image of a map changes now and then early on, and seldom later.
    let image = 0;
    for (let e = epoch; e >= 0; e--) {
      if (e === 0 || random(depth, map, e) < 0.55 * (1 - progress(depth, e, this.options.epochs)) + 0.015) {
        image = Math.floor(this.probes * random(depth, map, e, 5));
        break;
      }
    }
    const [, height, width] = this.shape;
    const row = Math.floor(layer.side * (0.25 + 0.5 * random(depth, map, image, 6)));
    const column = Math.floor(layer.side * (0.25 + 0.5 * random(depth, map, image, 7)));
    const at = (p, extent) => Math.floor(((p + 0.5) * extent) / layer.side - layer.field / 2);
    return {
      map,
      image,
      row,
      column,
      value: 0.4 + 5 * done * (0.3 + random(depth, map)) + 0.1 * normal(map, epoch),
      field: { top: at(row, height), left: at(column, width), height: layer.field, width: layer.field },
      patch: 2 * tile,
      projection: 2 * tile + 1,
      projection_scale: 0.02 + 0.4 * done * random(depth, map, 9),
    };
  }

  features(depth, epoch) {
    const layer = this.layers[depth];
    const done = progress(depth, epoch, this.options.epochs);
    const followed = Array.from({ length: 16 }, (_, i) =>
      this.unit(layer, depth, Math.floor((i * layer.maps) / 16), epoch, i),
    );
    const strongest = Array.from({ length: RANKED }, (_, i) =>
      this.unit(layer, depth, Math.floor(layer.maps * random(depth, epoch, i, 11)), epoch, 16 + i),
    ).sort((a, b) => b.value - a.value);
    const units = [...followed, ...strongest];
    const byTile = new Map(units.flatMap((unit) => [[unit.patch, unit], [unit.projection, unit]]));
    const atlas = this.atlas(`${depth} ${epoch}`, 2 * units.length, 10, layer.field, (tile, y, x) => {
      const unit = byTile.get(tile);
      const { field } = unit;
      if (tile === unit.patch) return probePixel(unit.image, field.top + y, field.left + x, this.shape) ?? [0.5, 0.5, 0.5];
      return [0, 1, 2].map((c) => 0.5 + 0.5 * projected(unit.map, unit.image, y, x, c, field, done));
    });
    return { kind: "layer_features", epoch, layer: layer.name, strongest, followed, atlas };
  }
}
