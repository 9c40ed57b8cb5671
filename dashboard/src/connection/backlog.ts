import type { Record } from "../generated/protocol.ts";

/** Longest time in one go, in milliseconds: a fraction of what people notice. */
const SLICE_MS = 8;
const CHUNK = 64;

/**
 * Hands records on in small portions, so that a history of 50,000 records does not freeze the page.
 * Timers rather than animation frames: those stop in a tab that is not visible.
 */
export class Backlog {
  private queue: Record[] = [];
  private at = 0;
  private scheduled = false;

  constructor(
    private readonly apply: (records: Record[], more: boolean) => void,
    private readonly later: (work: () => void) => void = (work) => void setTimeout(work, 0),
    private readonly clock: () => number = () => performance.now(),
  ) {}

  push(records: readonly Record[]): void {
    for (const record of records) this.queue.push(record);
    this.schedule();
  }

  /** Hands everything on at once. */
  flush(): void {
    const rest = this.queue.slice(this.at);
    this.clear();
    if (rest.length > 0) this.apply(rest, false);
  }

  clear(): void {
    this.queue = [];
    this.at = 0;
  }

  get length(): number {
    return this.queue.length - this.at;
  }

  private schedule(): void {
    if (this.scheduled || this.length === 0) return;
    this.scheduled = true;
    this.later(() => {
      this.scheduled = false;
      this.work();
      this.schedule();
    });
  }

  private work(): void {
    const end = this.clock() + SLICE_MS;
    do {
      const portion = this.queue.slice(this.at, this.at + CHUNK);
      this.at += portion.length;
      this.apply(portion, this.length > 0);
    } while (this.length > 0 && this.clock() < end);
    if (this.length === 0) this.clear();
  }
}
