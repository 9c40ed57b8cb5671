import { VERSION, type Answer, type ClientMessage, type Hello, type Record, type ServerMessage, type Status } from "../generated/protocol.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

/** What the connection tells the page. */
export interface Listener {
  hello(hello: Hello): void;
  records(records: Record[]): void;
  /** What stands for all records up to one: everything but the history of the bulk kinds. It comes whole. */
  snapshot(records: Record[], upto: number): void;
  status(status: Status): void;
  answer(answer: Answer): void;
  /** Another run: forget everything. */
  reset(): void;
  /** `reason`: what the server said as it hung up, if it said anything. */
  lost(attempts: number, reason: string): void;
  incompatible(version: number): void;
}

/** The part of a WebSocket that is used; tests bring their own. */
export interface Wire {
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((end: { reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

/**
 * Keeps a connection to the server and asks, after every interruption, for the records that are not
 * here yet: each reaches the listener exactly once and in order.
 */
export class Connection {
  private wire: Wire | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private seq = 0;
  private runId = "";
  private attempts = 0;
  /** How many parts the run had left when the server was last heard. */
  private branches = 0;
  /** Whether the server has said who it is. */
  private greeted = false;
  /** The parts of a snapshot so far: it counts when it is whole, one that breaks off leaves nothing behind. */
  private parts: Record[] = [];

  constructor(
    private readonly open: (after: number) => Wire,
    private readonly listener: Listener,
  ) {}

  connect(): void {
    clearTimeout(this.timer);
    this.drop();
    const wire = this.open(this.seq);
    this.wire = wire;
    wire.onmessage = ({ data }) => this.receive(String(data));
    wire.onclose = ({ reason }) => this.retry(reason);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.drop();
  }

  /** Sends a message; false if there is no connection. */
  send(message: ClientMessage): boolean {
    if (this.wire === undefined || !this.greeted) return false;
    this.wire.send(JSON.stringify(message));
    return true;
  }

  private drop(): void {
    this.greeted = false;
    this.parts = [];
    if (this.wire === undefined) return;
    this.wire.onmessage = null;
    this.wire.onclose = null;
    this.wire.close();
    this.wire = undefined;
  }

  private retry(reason: string): void {
    this.drop();
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.attempts, LONGEST_WAIT_MS);
    this.attempts += 1;
    this.listener.lost(this.attempts, reason);
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private receive(text: string): void {
    let message: ServerMessage;
    try {
      message = JSON.parse(text) as ServerMessage;
    } catch {
      // A frame cut short: ask again for everything from here on.
      this.retry("");
      return;
    }
    switch (message.type) {
      case "hello":
        this.greet(message);
        break;
      case "records":
        this.take(message.records);
        break;
      case "snapshot":
        this.parts.push(...message.records);
        if (message.upto !== null) this.takeWhole(message.upto);
        break;
      case "status":
        this.listener.status(message);
        break;
      case "answer":
        this.listener.answer(message);
        break;
    }
  }

  private greet(hello: Hello): void {
    if (hello.version !== VERSION) {
      this.stop();
      this.listener.incompatible(hello.version);
      return;
    }
    this.attempts = 0;
    // Part of what is here no longer counts, when the run was continued from an earlier epoch.
    const left = this.seq > 0 && hello.branches > this.branches;
    const otherRun = this.runId !== "" && hello.run_id !== this.runId;
    // A log shorter than what is here was cut back, by a crash that lost its last lines.
    if (otherRun || left || hello.head < this.seq) {
      this.forget();
      return;
    }
    this.runId = hello.run_id;
    this.branches = hello.branches;
    this.greeted = true;
    this.listener.hello(hello);
  }

  private take(records: Record[]): void {
    const fresh = records.filter(({ seq }) => seq > this.seq);
    const last = fresh[fresh.length - 1];
    if (last === undefined || !this.isOfRun(fresh)) return;
    this.seq = last.seq;
    this.listener.records(fresh);
  }

  private takeWhole(upto: number): void {
    const fresh = this.parts.filter(({ seq }) => seq > this.seq).sort((a, b) => a.seq - b.seq);
    this.parts = [];
    if (upto <= this.seq || !this.isOfRun(fresh)) return;
    this.seq = upto;
    this.listener.snapshot(fresh, upto);
  }

  /** Whether the records are of the run that is known; if they are not, everything starts anew. */
  private isOfRun(records: readonly Record[]): boolean {
    for (const { event } of records) {
      if (event.kind !== "run_started") continue;
      if (this.runId !== "" && event.run_id !== this.runId) {
        this.forget();
        return false;
      }
      this.runId = event.run_id;
    }
    return true;
  }

  private forget(): void {
    this.seq = 0;
    this.runId = "";
    this.branches = 0;
    this.listener.reset();
    this.connect();
  }
}
