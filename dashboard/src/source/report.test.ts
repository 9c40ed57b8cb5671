import { expect, test } from "vitest";
import type { Record, Report } from "../generated/protocol.ts";
import { fromReport } from "./report.ts";

const record = (seq: number, layer: string): Record => ({ seq, time_ms: 0, event: { kind: "layer_health", epoch: seq, layer, values: {}, units: {} } });

const report = {
  version: 2,
  run: { key: "r" },
  records: Array.from({ length: 4500 }, (_, at) => record(at + 1, at % 2 === 0 ? "a" : "b")),
  images: { "00": "AAAA" },
  documents: {},
} as unknown as Report;

test("a report answers like a server: pages that end before a record, the newest first", async () => {
  const source = fromReport(report);
  const last = await source.records("r", { kind: "layer_health", layer: undefined, before: 4501 });
  expect([last.records[0]!.seq, last.records.at(-1)!.seq, last.before]).toEqual([2501, 4500, 2501]);
  const first = await source.records("r", { kind: "layer_health", layer: undefined, before: 501 });
  expect([first.records.length, first.before]).toEqual([500, null]);
  const ofLayer = await source.records("r", { kind: "layer_health", layer: "b", before: 9 });
  expect(ofLayer.records.map(({ seq }) => seq)).toEqual([2, 4, 6, 8]);
  expect(await source.records("r", { kind: "settling", layer: undefined, before: 9 })).toEqual({ records: [], before: null });
});

test("pictures come from the file; what was left out cannot be had", async () => {
  const source = fromReport(report);
  expect(source.picture("r", "00")).toBe("data:image/png;base64,AAAA");
  expect(source.picture("r", "01")).toBe("data:,");
  await expect(source.document("r", "02")).rejects.toThrow("not in this report");
});
