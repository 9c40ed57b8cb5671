import { expect, test } from "vitest";
import type { Record, RecordPage } from "../generated/protocol.ts";
import type { Page } from "../source/source.ts";
import { Model } from "../state/model.ts";
import { Histories, LAYERS_KEPT } from "./histories.ts";
import { dug, extent, filled } from "./holes.ts";

test("holes are merged when they touch, and filled from their ends", () => {
  expect(dug([{ from: 1, to: 5 }], { from: 4, to: 9 })).toEqual([{ from: 1, to: 9 }]);
  expect(dug([{ from: 20, to: 30 }], { from: 4, to: 9 })).toEqual([{ from: 4, to: 9 }, { from: 20, to: 30 }]);
  expect(dug([{ from: 1, to: 9 }], { from: 2, to: 3 })).toEqual([{ from: 1, to: 9 }]);
  expect(dug([{ from: 1, to: 3 }], { from: 4, to: 5 })).toEqual([{ from: 1, to: 5 }]);
  expect(filled([{ from: 1, to: 9 }, { from: 20, to: 30 }], 25)).toEqual([{ from: 1, to: 9 }, { from: 20, to: 24 }]);
  expect(filled([{ from: 1, to: 9 }, { from: 20, to: 30 }], 20)).toEqual([{ from: 1, to: 9 }]);
  expect(filled([{ from: 1, to: 9 }, { from: 20, to: 30 }], 5)).toEqual([{ from: 1, to: 4 }]);
  expect(filled([{ from: 1, to: 9 }], null)).toEqual([]);
  expect(extent([{ from: 1, to: 9 }, { from: 20, to: 30 }])).toBe(20);
});

/** A log of readings of layers `a` to `i`, and a server that gives it in pages of `size`. */
class Bench {
  readonly log: Record[] = [];
  readonly asked: Page[] = [];
  model = new Model(false);
  fail = "";
  gate: (() => void)[] | undefined;
  readonly histories = new Histories(
    () => this.model,
    (page) => this.load(page),
    (records) => {
      for (const record of records) this.model.applyEarlier(record);
    },
  );

  constructor(private readonly size = 4) {}

  write(epochs: number, layers = ["a", "b"]): void {
    for (let some = 0; some < epochs; some++) {
      const epoch = this.log.length / layers.length;
      for (const layer of layers) {
        this.log.push({ seq: this.log.length + 1, time_ms: 0, event: { kind: "layer_health", epoch: Math.floor(epoch), layer, values: {}, units: {} } });
      }
    }
  }

  /** What a page gets that is far behind: the newest of each layer. */
  snapshot(): void {
    const from = this.model.seq + 1;
    const newest = new Map(this.log.slice(from - 1).map((record) => ["layer" in record.event ? record.event.layer : "", record]));
    for (const record of [...newest.values()].sort((a, b) => a.seq - b.seq)) this.model.apply(record);
    this.model.reached(this.log.length);
    this.histories.missed(from, this.log.length);
  }

  deltas(): void {
    for (const record of this.log) this.model.apply(record);
  }

  private async load(page: Page): Promise<RecordPage> {
    this.asked.push(page);
    if (this.gate !== undefined) await new Promise<void>((resolve) => this.gate!.push(resolve));
    if (this.fail !== "") throw new Error(this.fail);
    const all = this.log.filter(({ seq, event }) => seq < page.before && event.kind === page.kind && (page.layer === undefined || ("layer" in event && event.layer === page.layer)));
    const records = all.slice(-this.size);
    return { records, before: records.length === all.length ? null : records[0]!.seq };
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 400; turn++) await Promise.resolve();
  }

  epochs(layer: string): readonly number[] {
    return this.model.health.of(layer)?.epochs ?? [];
  }
}

const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, epoch) => epoch);

test("reads what is looked at, the newest page first, and nothing else", async () => {
  const bench = new Bench();
  bench.write(11);
  bench.snapshot();
  expect(bench.epochs("a")).toEqual([10]);
  bench.histories.want([{ kind: "layer_health", layer: "a" }]);
  expect(bench.histories.progress.value.state).toBe("reading");
  await bench.settle();
  expect(bench.epochs("a")).toEqual(upTo(10));
  expect(bench.epochs("b")).toEqual([10]);
  expect(bench.asked.map(({ before }) => before)).toEqual([23, 15, 7]);
  expect(bench.histories.progress.value).toEqual({ state: "complete" });
});

test("deltas keep a history complete; a second snapshot leaves only its own hole to be read", async () => {
  const bench = new Bench(100);
  bench.write(5);
  bench.snapshot();
  bench.histories.want([{ kind: "layer_health", layer: "a" }]);
  await bench.settle();
  bench.write(3);
  bench.deltas();
  expect(bench.epochs("a")).toEqual(upTo(7));
  expect(bench.asked).toHaveLength(1);
  bench.write(20);
  bench.snapshot();
  await bench.settle();
  expect(bench.epochs("a")).toEqual(upTo(27));
  expect(bench.asked).toHaveLength(2);
});

test("a page that cannot be read says so, and is read again when asked", async () => {
  const bench = new Bench();
  bench.write(9);
  bench.snapshot();
  bench.fail = "the server answers with 500";
  bench.histories.want([{ kind: "layer_health", layer: "a" }]);
  await bench.settle();
  expect(bench.histories.progress.value).toMatchObject({ state: "failed", reason: "the server answers with 500" });
  expect(bench.asked).toHaveLength(1);
  bench.fail = "";
  bench.histories.retry();
  await bench.settle();
  expect(bench.epochs("a")).toEqual(upTo(8));
  expect(bench.histories.progress.value.state).toBe("complete");
});

test("an answer about a run that is no longer shown does nothing", async () => {
  const bench = new Bench();
  bench.write(9);
  bench.snapshot();
  bench.gate = [];
  bench.histories.want([{ kind: "layer_health", layer: "a" }]);
  bench.model = new Model(false);
  bench.histories.reset();
  for (const open of bench.gate) open();
  await bench.settle();
  expect(bench.epochs("a")).toEqual([]);
});

test("the layers looked at longest ago go back to their newest record", async () => {
  const bench = new Bench(1000);
  const layers = [..."abcdefghi"];
  bench.write(6, layers);
  bench.snapshot();
  for (const layer of layers) {
    bench.histories.want([{ kind: "layer_health", layer }]);
    await bench.settle();
  }
  const whole = layers.filter((layer) => bench.epochs(layer).length > 1);
  expect(whole).toEqual(layers.slice(-LAYERS_KEPT));
  expect(bench.epochs("a")).toEqual([5]);
  bench.histories.want([{ kind: "layer_health", layer: "a" }]);
  await bench.settle();
  expect(bench.epochs("a")).toEqual(upTo(5));
});

test("the history of all layers holds that of each", async () => {
  const bench = new Bench(3);
  bench.write(6);
  bench.snapshot();
  bench.histories.want([{ kind: "layer_health" }]);
  await bench.settle();
  const asked = bench.asked.length;
  bench.histories.want([{ kind: "layer_health", layer: "b" }]);
  await bench.settle();
  expect(bench.epochs("b")).toEqual(upTo(5));
  expect(bench.asked).toHaveLength(asked);
});
