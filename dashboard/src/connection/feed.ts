import { batch } from "@preact/signals";
import { BULK_KINDS, VERSION, type Answer, type ClientMessage, type Record, type Report, type Status } from "../generated/protocol.ts";
import { Histories } from "../history/histories.ts";
import type { Source } from "../source/source.ts";
import { reset, type RunState } from "../state/store.ts";
import { Backlog } from "./backlog.ts";
import { Connection, type Wire } from "./socket.ts";

const DRAW_EVERY_MS = 200;

/** Who wants to know more of a feed than what it writes into the run's state. */
export interface Follower {
  status?(status: Status): void;
  answer?(answer: Answer): void;
  reset?(): void;
  lost?(): void;
}

/** Keeps what is known of a run up to date. */
export class Feed {
  readonly histories: Histories;
  private readonly backlog = new Backlog((records, more) => this.apply(records, more));
  private readonly connection: Connection | undefined;
  private drawn = 0;

  constructor(
    source: Source,
    readonly key: string,
    private readonly run: RunState,
    private readonly follower: Follower = {},
  ) {
    this.histories = new Histories(
      () => run.model,
      (page) => source.records(key, page),
      (records) => {
        for (const record of records) run.model.applyEarlier(record);
        run.revision.value += 1;
      },
    );
    if (source.report !== undefined) this.read(source.report);
    else (this.connection = this.connect((after) => new WebSocket(source.socket(key, after)) as Wire)).connect();
  }

  send(message: ClientMessage): boolean {
    return this.connection?.send(message) ?? false;
  }

  close(): void {
    this.connection?.stop();
    this.backlog.clear();
    this.histories.want([]);
  }

  private connect(open: (after: number) => Wire): Connection {
    const { run, follower } = this;
    return new Connection(open, {
      hello: (hello) => {
        batch(() => {
          run.hello.value = hello;
          run.link.value = { state: "open" };
        });
        this.histories.retry();
      },
      records: (records) => this.backlog.push(records),
      snapshot: (records, upto) => this.leap(records, upto),
      status: (status) =>
        batch(() => {
          run.status.value = status;
          follower.status?.(status);
        }),
      answer: (answer) => follower.answer?.(answer),
      reset: () => {
        this.backlog.clear();
        reset(run);
        this.histories.reset();
        follower.reset?.();
      },
      lost: (attempts, reason) => {
        run.link.value = { state: "lost", attempts, reason, refused: false };
        follower.lost?.();
      },
      incompatible: (server) => {
        run.link.value = { state: "incompatible", server };
      },
    });
  }

  /** While there are `more` to come, the views are drawn again only now and then. */
  private apply(records: readonly Record[], more: boolean): void {
    const { run } = this;
    for (const record of records) run.model.apply(record);
    const now = performance.now();
    if (more && now - this.drawn < DRAW_EVERY_MS) return;
    this.drawn = now;
    run.revision.value += 1;
  }

  /** A snapshot is applied in one go: it holds little, and with it the page is complete but for history. */
  private leap(records: readonly Record[], upto: number): void {
    this.backlog.flush();
    const { run } = this;
    const from = run.model.seq + 1;
    for (const record of records) run.model.apply(record);
    run.model.reached(upto);
    batch(() => {
      run.revision.value += 1;
      this.histories.missed(from, upto);
    });
  }

  /** Reads a report: what a snapshot would hold now, the rest as views need it. */
  private read({ run, records }: Report): void {
    const newest = new Map<string, Record>();
    const bulk: ReadonlySet<string> = new Set(BULK_KINDS);
    for (const record of records) {
      const { event } = record;
      const layer = "layer" in event ? event.layer : "";
      newest.set(bulk.has(event.kind) ? `${event.kind} ${layer}` : String(record.seq), record);
    }
    const head = records.at(-1)?.seq ?? 0;
    batch(() => {
      this.run.hello.value = { version: VERSION, run_id: run.key, head, live: false, branches: 0 };
      this.run.status.value = run.status ?? undefined;
      this.run.link.value = { state: "report" };
      this.leap([...newest.values()].sort((a, b) => a.seq - b.seq), head);
    });
  }
}
