import { expect, test } from "vitest";
import { BULK_KINDS, type Event, type Record, type LayerState } from "../generated/protocol.ts";
import { Model } from "./model.ts";

const LAYERS = ["a", "b", "c"];
const EPOCHS = 12;

/** Random numbers that are the same each time. */
function dice(seed: number): (most: number) => number {
  let state = seed * 2654435761 + 1;
  return (most) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state % most;
  };
}

/** A run that is interrupted and goes on at an earlier epoch, twice; some snapshots are dropped, some analyses fail. */
function recorded(seed: number): Record[] {
  const roll = dice(seed);
  const records: Record[] = [];
  const tell = (event: unknown): void => void records.push({ seq: records.length + 1, time_ms: 0, event: event as Event });
  const atlas = (id: string) => ({ image: id, tile_height: 1, tile_width: 1, columns: 1, count: 1 });
  let from = 0;
  for (let start = 0; start < 3; start++) {
    const to = Math.min(EPOCHS, from + 2 + roll(8));
    tell({ kind: "run_started", run_id: "r", first_epoch: Math.max(1, from), layers: [], probe: { atlas: atlas("p") } });
    for (let epoch = from; epoch <= to; epoch++) {
      if (epoch > 0 && roll(5) === 0) {
        tell({ kind: "snapshot_dropped", epoch, total: 1 });
        continue;
      }
      for (const layer of LAYERS) {
        if (roll(9) === 0) {
          tell({ kind: "fault", part: `features of ${layer}`, message: `m${records.length}`, epoch });
          continue;
        }
        const id = String(records.length);
        const followed = [{ map: roll(9), image: roll(9), row: 0, column: 0, value: 1, field: { top: 0, left: 0, height: 1, width: 1 }, patch: null, projection: null, projection_scale: null }];
        tell({ kind: "layer_features", epoch, layer, strongest: [], followed, atlas: atlas(id) });
        const readings = { state: ["smooth"], q: [roll(9)], p_value: [], r1: [], rms: [], change: [], distance: [], duplicate_of: [] };
        tell({ kind: "layer_filters", epoch, layer, picture: "weights", atlas: atlas(id), scale: 1, readings, test: { degrees_of_freedom: 4, caution: roll(2) } });
        tell({ kind: "layer_health", epoch, layer, values: { s: roll(99) }, units: {} });
        tell({ kind: "layer_distributions", epoch, layer, live: roll(99), readings: { hoyer: [1, 2, 3, 4, roll(99)] } });
        tell({ kind: "layer_evolution", epoch, layer, previous: epoch - 1, change: roll(64) / 64, to_earlier: [{ epoch: 0, similarity: roll(64) }] });
      }
      const states: LayerState[] = ["settled", "moving", "dead", "moved_again"];
      tell({ kind: "settling", epoch, layers: LAYERS.map((layer) => ({ layer, state: states[roll(4)], since: roll(9), moved_again: roll(3) })), order: null, statement: `s${records.length}` });
      if (roll(6) > 0) tell({ kind: "epoch_analysed", epoch, seconds: roll(9) });
    }
    from = Math.max(1, to - roll(5));
  }
  return records;
}

/** Everything that views read of the bulk kinds. */
function seen(model: Model): unknown {
  const epochs = Array.from({ length: EPOCHS + 1 }, (_, epoch) => epoch);
  return {
    states: [model.epochs.states.epochs, model.epochs.states.values],
    newest: model.settlings.newest,
    layers: LAYERS.map((layer) => {
      const [features, filters] = [model.features.of(layer), model.filters.of(layer)];
      const [changes, distributions] = [model.changes.of(layer), model.distributions.of(layer)];
      return {
        features: [features?.epochs, features?.values.map(({ atlas, followed }) => [atlas, followed.all()])],
        filters: [filters?.epochs, filters?.values.map(({ atlas, test, readings }) => [atlas, test, readings.value("q", 0)])],
        health: [model.health.of(layer)?.epochs, model.health.of(layer)?.values],
        changes: [changes?.epochs, epochs.map((epoch) => changes?.value("change", epoch)), changes?.likeness],
        distributions: [distributions?.epochs, epochs.map((epoch) => [distributions?.live(epoch), distributions?.at("hoyer", epoch)])],
        settling: [model.settlings.stays(layer), model.settlings.movedAgain(layer), model.settlings.standing(layer)],
      };
    }),
  };
}

const bulk = ({ event }: Record): boolean => (BULK_KINDS as readonly string[]).includes(event.kind);

function inOrder(records: readonly Record[]): Model {
  const model = new Model();
  for (const record of records) model.apply(record);
  return model;
}

function shuffled<T>(things: readonly T[], roll: (most: number) => number): T[] {
  const result = [...things];
  for (let at = result.length - 1; at > 0; at--) {
    const other = roll(at + 1);
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}

test("records about layers make the same model in whichever order they come, more than once too", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const records = recorded(seed);
    const roll = dice(1000 + seed);
    const early = shuffled(records.filter(bulk), roll);
    const subject = new Model();
    // The others come in their order, with those about layers before, between and after them.
    for (const record of records.filter((each) => !bulk(each))) {
      for (let some = roll(30); some > 0 && early.length > 0; some--) subject.applyEarlier(early.pop()!);
      subject.apply(record);
    }
    for (const record of early) subject.applyEarlier(record);
    for (const record of records.filter(bulk).slice(0, 20)) subject.applyEarlier(record);
    expect(JSON.stringify(seen(subject)), `run ${seed}`).toBe(JSON.stringify(seen(inOrder(records))));
  }
});

/** What pages of history have: a server leaves out what a later start has left. */
function counted(records: readonly Record[]): Record[] {
  const starts = records.flatMap(({ seq, event }) => (event.kind === "run_started" ? [{ seq, from: event.first_epoch }] : []));
  return records.filter((record) => {
    const epoch = bulk(record) && "epoch" in record.event ? record.event.epoch! : -1;
    return epoch < 0 || !starts.some(({ seq, from }) => seq > record.seq && (epoch >= from || from <= 1));
  });
}

test("a snapshot and the pages of history afterwards make the same model as all records in order", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const records = recorded(seed);
    const upto = Math.floor(records.length * 0.7);
    const newest = new Map<string, Record>();
    const history = records.slice(0, upto);
    for (const record of history.filter(bulk)) newest.set(`${record.event.kind} ${"layer" in record.event ? record.event.layer : ""}`, record);
    const subject = new Model(false);
    for (const record of history) if (!bulk(record) || [...newest.values()].includes(record)) subject.apply(record);
    subject.reached(upto);
    for (const kind of BULK_KINDS) subject.keep(kind);
    // Deltas go on while the pages come, the newest first.
    const late = records.slice(upto);
    const pages = counted(records).filter((record) => bulk(record) && record.seq <= upto);
    while (late.length > 0 || pages.length > 0) {
      for (const record of pages.splice(Math.max(0, pages.length - 25))) subject.applyEarlier(record);
      for (const record of late.splice(0, 20)) subject.apply(record);
    }
    const expected = inOrder(counted(records));
    for (const layer of LAYERS) {
      // When its record is left, how alike the layer is to earlier epochs is not known until the next one comes.
      const changes = subject.changes.of(layer);
      if (changes !== undefined && changes.likeness === undefined) expected.changes.of(layer)!.likeness = undefined;
    }
    expect(JSON.stringify(seen(subject)), `run ${seed}`).toBe(JSON.stringify(seen(expected)));
    // Given back, only the newest record of each layer is left.
    for (const kind of BULK_KINDS) subject.release(kind);
    for (const layer of LAYERS) {
      expect(subject.features.of(layer)?.length ?? 0).toBeLessThanOrEqual(1);
      expect(subject.changes.of(layer)?.epochs.length ?? 0).toBeLessThanOrEqual(1);
    }
  }
});

test("of a layer that nobody looks at only the newest record is kept", () => {
  const records = recorded(5);
  const subject = new Model(false);
  for (const record of records) subject.apply(record);
  for (const layer of LAYERS) {
    const last = records.findLast(({ event }) => event.kind === "layer_features" && event.layer === layer)!.event as Extract<Event, { kind: "layer_features" }>;
    const series = subject.features.of(layer)!;
    if (series.length > 0) expect(series.values.map(({ atlas }) => atlas.image)).toEqual([last.atlas.image]);
    expect(series.length).toBeLessThanOrEqual(1);
  }
});
