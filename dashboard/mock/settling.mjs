// Synthetic changes of layers, and the rule that says which have settled, as the real watcher has it.
import { normal, random } from "./draw.mjs";

const REMEMBERED = 32;
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

/** One layer's memory and standing. */
class Layer {
  constructor(options, depth) {
    Object.assign(this, { options, depth, path: 0, remembered: [], stride: 1, before: null });
    Object.assign(this, { largest: 0, quiet: 0, loud: 0, quietSince: 0, since: null, moved: 0, state: "not_yet" });
  }

  read(name, epoch, jumps) {
    const { depth, before, options } = this;
    const moved = before === null ? undefined : change(options, depth, epoch);
    const few = options.few;
    if (moved !== undefined) this.path += moved * (epoch - before);
    const v = moved === undefined || few ? null : four(moved);
    const floor = v === null ? null : moved === 0 ? 0 : four(0.004 + 0.002 * random(depth, epoch, 62));
    const alike = (other) => four(Math.exp(-1.6 * Math.abs(this.path - other)));
    const earlier = few || (before !== null && moved === undefined) ? [] : this.remembered.map(([e, path]) => ({ epoch: e, similarity: alike(path) }));
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
    this.judge(epoch, v, floor);
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

  judge(epoch, v, floor) {
    if (v === null) {
      if (this.before !== null) Object.assign(this, { state: "dead", since: null, quiet: 0, loud: 0 });
      return;
    }
    this.largest = Math.max(this.largest, v);
    if (this.largest === 0) return Object.assign(this, { state: "frozen" });
    if (v <= Math.max(0.1 * this.largest, 2 * floor)) {
      if (this.quiet === 0) this.quietSince = epoch;
      this.quiet += 1;
      this.loud = 0;
    } else {
      this.quiet = 0;
      this.loud += 1;
    }
    if (this.since === null && this.quiet >= 3) this.since = this.quietSince;
    else if (this.since !== null && this.loud >= 2) {
      this.since = null;
      this.moved += 1;
    }
    this.state = this.since !== null ? "settled" : this.moved > 0 ? "moved_again" : "not_yet";
  }
}

/** All layers of a run. */
export class Settlement {
  constructor(run) {
    this.options = run.options;
    this.names = run.layers.map(({ name }) => name);
    this.layers = run.layers.map((_, depth) => new Layer(run.options, depth));
    this.told = "";
  }

  read(depth, epoch, jumps) {
    return this.layers[depth].read(this.names[depth], epoch, jumps);
  }

  /** How the layers stand, if that is news. */
  news(epoch) {
    if (epoch === 0) return undefined;
    const layers = this.layers.map(({ state, since, moved }, at) => ({ layer: this.names[at], state, since, moved_again: moved }));
    const told = JSON.stringify(layers);
    if (told === this.told) return undefined;
    this.told = told;
    const order = this.order();
    return { kind: "settling", epoch, layers, order, statement: this.statement(layers, order) };
  }

  /** Kendall's τ-b, with an interval that is made up. */
  order() {
    const ranks = this.layers.filter(({ state }) => !["frozen", "dead"].includes(state)).map(({ since }) => since ?? Infinity);
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
    if (this.options.few) return "settling needs at least 4 probe images";
    const names = (state) => layers.filter((layer) => layer.state === state).map(({ layer }) => layer);
    const some = (all) => (all.length > 8 ? `${all.slice(0, 8).join(", ")} and ${all.length - 8} more` : all.join(", "));
    const parts = [];
    const others = layers.filter(({ state }) => !["frozen", "dead"].includes(state));
    const said = others.map(({ layer, state, since }) =>
      since !== null ? `${layer} at epoch ${since}` : `${layer} ${state === "moved_again" ? "moves again" : "not yet"}`,
    );
    if (names("frozen").length > 0) parts.push(`${some(names("frozen"))} frozen`);
    if (others.every(({ since }) => since === null)) parts.push("no layer has settled yet");
    else parts.push(`${order === null ? "settled" : order.low > 0 ? "lower layers settled first" : "layers settled in no particular order (by depth)"}: ${some(said)}`);
    if (names("dead").length > 0) parts.push(`${some(names("dead"))} dead`);
    return `${parts.join("; ")} (by CKA on 96 probe images)`;
  }
}
