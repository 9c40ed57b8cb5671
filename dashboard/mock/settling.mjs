// Synthetic changes of layers, and the rule that says which have settled, as the real watcher has it.
import { normal, random } from "./draw.mjs";

const REMEMBERED = 32;
const VERDICTS = ["moving", "settled", "moved_again"];
const four = (value) => Number(value.toPrecision(4));

/** How much layer `depth` of a run changes in an epoch; `undefined`: it is dead. */
function change({ epochs, layers, sick, moves, frozen }, depth, epoch) {
  const t = epoch / epochs;
  if (frozen && depth < Math.max(1, layers >> 2)) return 0;
  if (sick && depth === 3 && t > 0.8) return undefined;
  const pace = (0.05 + (0.14 * depth) / Math.max(3, layers - 1)) * Math.max(12, epochs);
  const falling = 0.5 * Math.exp(-epoch / pace) + 0.004 * (1 - t);
  const again = moves && depth % 8 === 1 && t > 0.55 && t < 0.8 ? 0.22 * Math.sin(((t - 0.55) / 0.25) * Math.PI) : 0;
  return Math.max(1e-5, (falling + again) * (1 + 0.25 * normal(depth, epoch, 61)));
}

/** Why no layer can be judged by the probe images, if that is so. */
export function imagesState({ few, alike }) {
  return few ? "too_few_images" : alike ? "images_alike" : undefined;
}

/** The same in words. */
export function imagesCaution({ few, alike }, images) {
  if (few) return `there are only ${images} probe images; to judge a layer takes 16 different ones`;
  return alike ? `all ${images} probe images are alike: what a layer makes of different images cannot be told` : undefined;
}

/** One layer's memory and standing. */
class Layer {
  constructor(options, depth) {
    Object.assign(this, { options, depth, path: 0, remembered: [], stride: 1, before: null });
    Object.assign(this, { largest: 0, quiet: 0, loud: 0, quietSince: 0, since: null, moved: 0, state: "not_known" });
  }

  read(name, epoch, jumps) {
    const { depth, before, options } = this;
    const moved = before === null ? undefined : change(options, depth, epoch);
    const constant = options.constant && depth === 1 ? "constant" : undefined;
    const unjudged = imagesState(options) ?? constant ?? (before !== null && moved === undefined ? "dead" : undefined);
    if (moved !== undefined) this.path += moved * (epoch - before);
    const v = moved === undefined || unjudged !== undefined ? null : four(moved);
    const floor = v === null ? null : moved === 0 ? 0 : four(0.3 * v * (0.5 + random(depth, epoch, 62)));
    const alike = (other) => four(Math.exp(-1.6 * Math.abs(this.path - other)));
    const earlier = unjudged !== undefined ? [] : this.remembered.map(([e, path]) => ({ epoch: e, similarity: alike(path) }));
    const start = earlier[0] && 0.2 * (1 - earlier[0].similarity);
    const far = earlier.findLast(({ similarity }) => 1 - similarity > start);
    const rest = moved === undefined ? 0 : Math.exp(-4 * moved);
    const first = before === null || moved === undefined;
    const event = {
      kind: "layer_evolution",
      epoch,
      layer: name,
      previous: before,
      change: v,
      floor,
      weight_change: before === null ? null : moved === 0 ? 0 : four(0.5 * (moved ?? 0.0001) ** 0.8),
      top_overlap: first ? null : four(rest),
      top_rank_overlap: first ? null : four(rest ** 0.8),
      jumps: first ? null : moved === 0 ? 0 : four(Math.min(1, jumps)),
      projection_similarity: first ? null : four(0.92 * rest),
      to_earlier: earlier,
      close_since: earlier.length === 0 ? null : far === undefined ? earlier[0].epoch : (earlier[earlier.indexOf(far) + 1]?.epoch ?? epoch),
    };
    event.top_close_since = event.close_since === null || epoch < 3 ? null : Math.min(epoch, event.close_since + 1);
    if (epoch === 0 || epoch >= (this.remembered.at(-1)?.[0] ?? 0) + this.stride) this.remember(epoch);
    this.judge(epoch, v, floor, unjudged);
    if (before !== null || unjudged !== undefined) event.state = this.state;
    this.before = epoch;
    return event;
  }

  remember(epoch) {
    if (this.remembered.length > REMEMBERED) {
      this.stride *= 2;
      this.remembered = this.remembered.filter(([e]) => e % this.stride === 0);
      if (epoch % this.stride !== 0) return;
    }
    this.remembered.push([epoch, this.path]);
  }

  judge(epoch, v, floor, unjudged) {
    if (unjudged !== undefined) return Object.assign(this, { state: unjudged, since: null, quiet: 0, loud: 0 });
    if (v === null) return;
    this.largest = Math.max(this.largest, v);
    if (this.largest === 0) return Object.assign(this, { state: "frozen" });
    const limit = Math.min(0.1 * this.largest, 0.01);
    const quiet = Math.max(v, floor) <= limit;
    const loud = !quiet && v > floor;
    if (quiet && this.quiet === 0) this.quietSince = epoch;
    this.quiet = quiet ? this.quiet + 1 : 0;
    this.loud = loud ? this.loud + 1 : 0;
    if (this.since === null && this.quiet >= 3) this.since = this.quietSince;
    else if (this.since !== null && this.loud >= 2) {
      this.since = null;
      this.moved += 1;
    }
    this.state = this.since !== null ? "settled" : !quiet && !loud ? "not_known" : this.moved > 0 ? "moved_again" : "moving";
  }
}

/** All layers of a run. */
export class Settlement {
  constructor(run) {
    this.options = run.options;
    this.names = run.layers.map(({ name }) => name);
    this.images = run.probes;
    this.layers = run.layers.map((_, depth) => new Layer(run.options, depth));
    this.told = "";
  }

  read(depth, epoch, jumps) {
    return this.layers[depth].read(this.names[depth], epoch, jumps);
  }

  /** How the layers stand, if that is news. */
  news(epoch) {
    if (epoch === 0 && imagesState(this.options) === undefined) return undefined;
    const layers = this.layers.map(({ state, since, moved }, at) => ({ layer: this.names[at], state, since, moved_again: moved }));
    const told = JSON.stringify(layers);
    if (told === this.told) return undefined;
    this.told = told;
    const order = this.order();
    return { kind: "settling", epoch, layers, order, statement: this.statement(layers, order) };
  }

  /** Kendall's τ-b, with an interval that is made up. */
  order() {
    const ranks = this.layers.filter(({ state }) => VERDICTS.includes(state)).map(({ since }) => since ?? Infinity);
    let [sum, pairs, level] = [0, 0, 0];
    for (let a = 0; a < ranks.length; a++) {
      for (let b = a + 1; b < ranks.length; b++) {
        pairs += 1;
        if (ranks[a] === ranks[b]) level += 1;
        else sum += ranks[b] > ranks[a] ? 1 : -1;
      }
    }
    if (ranks.length < 3 || level === pairs) return null;
    const value = sum / Math.sqrt(pairs * (pairs - level));
    return { value, low: Math.max(-1, value - 0.5), high: Math.min(1, value + 0.3) };
  }

  statement(layers, order) {
    const caution = imagesCaution(this.options, this.images);
    if (caution !== undefined) return `what settles cannot be told: ${caution}`;
    const names = (state) => layers.filter((layer) => layer.state === state).map(({ layer }) => layer);
    const some = (all) => (all.length > 8 ? `${all.slice(0, 8).join(", ")} and ${all.length - 8} more` : all.join(", "));
    const parts = [];
    const others = layers.filter(({ state }) => VERDICTS.includes(state));
    const said = others.map(({ layer, state, since }) =>
      since !== null ? `${layer} at epoch ${since}` : `${layer} ${state === "moved_again" ? "moves again" : "not yet"}`,
    );
    if (names("frozen").length > 0) parts.push(`${some(names("frozen"))} frozen`);
    if (others.length > 0 && others.every(({ since }) => since === null)) parts.push("no layer has settled yet");
    else if (others.length > 0) parts.push(`${order === null ? "settled" : order.low > 0 ? "lower layers settled first" : "layers settled in no particular order (by depth)"}: ${some(said)}`);
    for (const state of ["constant", "dead"]) if (names(state).length > 0) parts.push(`${some(names(state))} ${state}`);
    if (names("not_known").length > 0) parts.push(`of ${some(names("not_known"))} it is not known`);
    return `${parts.join("; ")} (by CKA on 96 probe images)`;
  }
}
