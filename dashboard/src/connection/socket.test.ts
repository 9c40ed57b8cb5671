import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { VERSION, type Record } from "../generated/protocol.ts";
import { Connection, type Wire } from "./socket.ts";

class FakeWire implements Wire {
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  closed = false;
  sent: string[] = [];
  constructor(readonly after: number) {}
  close(): void {
    this.closed = true;
  }
  send(text: string): void {
    this.sent.push(text);
  }
  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let wires: FakeWire[];
let log: string[];
let connection: Connection;
const wire = (): FakeWire => wires[wires.length - 1]!;

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  log = [];
  connection = new Connection(
    (after) => {
      wires.push(new FakeWire(after));
      return wire();
    },
    {
      hello: () => log.push("hello"),
      records: (records) => log.push(records.map(({ seq }) => seq).join(",")),
      snapshot: (records, upto) => log.push(`snapshot ${records.map(({ seq }) => seq).join(",")} to ${upto}`),
      status: () => log.push("status"),
      answer: ({ number }) => log.push(`answer ${number}`),
      reset: () => log.push("reset"),
      lost: (attempts) => log.push(`lost ${attempts}`),
      incompatible: (version) => log.push(`incompatible ${version}`),
    },
  );
  connection.connect();
});
afterEach(() => vi.useRealTimers());

function hello(run_id: string, head: number, version = VERSION): void {
  wire().say({ type: "hello", version, run_id, head, live: true, branches: 0 });
}

function records(...seqs: number[]): void {
  const list: Record[] = seqs.map((seq) => ({
    seq,
    time_ms: 0,
    event: { kind: "epoch_analysed", epoch: seq, seconds: 1 },
  }));
  wire().say({ type: "records", records: list });
}

test("asks after an interruption for what it does not have, and waits longer each time", () => {
  hello("a", 3);
  records(1, 2, 3);
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(499);
  expect(wires).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(wire().after).toBe(3);
  for (const wait of [1000, 2000, 4000, 5000, 5000]) {
    const before = wires.length;
    wire().onclose?.({ reason: "" });
    vi.advanceTimersByTime(wait - 1);
    expect(wires).toHaveLength(before);
    vi.advanceTimersByTime(1);
    expect(wires).toHaveLength(before + 1);
  }
  hello("a", 5);
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(500);
  expect(wire().after).toBe(3);
});

test("hands on every record once, even if a server repeats some", () => {
  hello("a", 2);
  records(1, 2);
  records(2, 3);
  records(3);
  expect(log).toEqual(["hello", "1,2", "3"]);
});

test("forgets a run that is no longer there and starts from the beginning", () => {
  hello("a", 2);
  records(1, 2);
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(500);
  const old = wire();
  hello("b", 7);
  expect(old.closed).toBe(true);
  expect(wire().after).toBe(0);
  hello("b", 7);
  records(1);
  expect(log).toEqual(["hello", "1,2", "lost 1", "reset", "hello", "1"]);
});

test("forgets what it has when the run was continued from an earlier epoch", () => {
  const say = (branches: number) => wire().say({ type: "hello", version: VERSION, run_id: "a", head: 9, live: true, branches });
  say(0);
  records(1, 2);
  wire().onclose?.({ reason: "branch 1: epochs 4 to 8, left …" });
  vi.advanceTimersByTime(500);
  say(1);
  expect(wire().after).toBe(0);
  say(1);
  records(1);
  // What it has now is without what was left.
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(500);
  say(1);
  expect(log).toEqual(["hello", "1,2", "lost 1", "reset", "hello", "1", "lost 1", "hello"]);
});

test("starts again when the log is shorter than what it has", () => {
  hello("a", 9);
  records(1, 9);
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(500);
  hello("a", 4);
  expect(log.slice(-1)).toEqual(["reset"]);
  expect(wire().after).toBe(0);
});

test("learns the run's name from the record if the run had not started", () => {
  hello("", 0);
  wire().say({ type: "records", records: [{ seq: 1, time_ms: 0, event: { kind: "run_started", run_id: "a" } }] });
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(500);
  hello("", 0);
  expect(log.slice(-1)).toEqual(["reset"]);
});

test("stops at another version", () => {
  hello("a", 1, VERSION + 1);
  vi.advanceTimersByTime(60_000);
  expect(wires).toHaveLength(1);
  expect(wire().closed).toBe(true);
  expect(log).toEqual([`incompatible ${VERSION + 1}`]);
});

test("reconnects after a frame that is cut short", () => {
  hello("a", 1);
  wire().onmessage?.({ data: '{"type":"rec' });
  vi.advanceTimersByTime(500);
  expect(wires).toHaveLength(2);
});

test("sends once the server has said who it is", () => {
  const cancel = { type: "cancel", id: 3 } as const;
  expect(connection.send(cancel)).toBe(false);
  hello("a", 1);
  expect(connection.send(cancel)).toBe(true);
  expect(wire().sent).toEqual(['{"type":"cancel","id":3}']);
  wire().say({ type: "answer", number: 7, id: null, refused: "no" });
  expect(log.slice(-1)).toEqual(["answer 7"]);
  wire().onclose?.({ reason: "" });
  expect(connection.send(cancel)).toBe(false);
});

test("a snapshot counts when it is whole; one that breaks off leaves nothing behind", () => {
  const part = (seqs: number[], upto: number | null): void =>
    wire().say({ type: "snapshot", records: seqs.map((seq) => ({ seq, time_ms: 0, event: { kind: "epoch_analysed", epoch: seq, seconds: 1 } })), upto });
  hello("a", 100);
  part([1, 2], null);
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(500);
  expect(wire().after).toBe(0);
  hello("a", 100);
  part([1, 2], null);
  part([90, 95], 100);
  records(101);
  expect(log).toEqual(["hello", "lost 1", "hello", "snapshot 1,2,90,95 to 100", "101"]);
  wire().onclose?.({ reason: "" });
  vi.advanceTimersByTime(500);
  expect(wire().after).toBe(101);
});
