/** Loads one thing by its content address; tests bring their own. */
export type Load<T> = (id: string) => Promise<T>;

const AT_ONCE = 6;

interface Wanted<T> {
  listeners: Set<(thing: T | undefined) => void>;
}

interface Kept<T> {
  thing: T;
  weight: number;
}

/**
 * Fetches pictures or documents, the newest wish first, and none that nobody waits for any more: when somebody
 * scrolls through a thousand epochs, the ones that flew past are never asked for. What was used last is kept.
 */
export class Loader<T> {
  private readonly kept = new Map<string, Kept<T>>();
  private readonly wanted = new Map<string, Wanted<T>>();
  private readonly stack: string[] = [];
  private running = 0;
  private weight = 0;

  /** `most`: how much is kept, in the sum of the things' weights. */
  constructor(
    private readonly load: Load<T>,
    private readonly most: number,
    private readonly weigh: (thing: T) => number = () => 1,
  ) {}

  /** The thing, if it is here already. */
  peek(id: string): T | undefined {
    const entry = this.kept.get(id);
    if (entry === undefined) return undefined;
    this.kept.delete(id);
    this.kept.set(id, entry);
    return entry.thing;
  }

  /** Calls back once with the thing, or with nothing if it cannot be had. Returns a way to cancel. */
  request(id: string, listener: (thing: T | undefined) => void): () => void {
    let entry = this.wanted.get(id);
    if (entry === undefined) this.wanted.set(id, (entry = { listeners: new Set() }));
    if (entry.listeners.size === 0) this.stack.push(id);
    entry.listeners.add(listener);
    // After this task, so that what is wanted together is seen together.
    queueMicrotask(() => this.pump());
    return () => void entry.listeners.delete(listener);
  }

  private pump(): void {
    while (this.running < AT_ONCE) {
      const id = this.stack.pop();
      if (id === undefined) return;
      const entry = this.wanted.get(id);
      if (entry === undefined) continue;
      if (entry.listeners.size === 0) {
        this.wanted.delete(id);
        continue;
      }
      void this.start(id, entry);
    }
  }

  private async start(id: string, entry: Wanted<T>): Promise<void> {
    this.running += 1;
    const thing = await this.load(id).catch(() => undefined);
    this.running -= 1;
    this.wanted.delete(id);
    if (thing !== undefined) this.keep(id, thing);
    for (const listener of entry.listeners) listener(thing);
    this.pump();
  }

  private keep(id: string, thing: T): void {
    const weight = this.weigh(thing);
    this.kept.set(id, { thing, weight });
    this.weight += weight;
    for (const [oldest, entry] of this.kept) {
      if (this.weight <= this.most || this.kept.size === 1) return;
      this.kept.delete(oldest);
      this.weight -= entry.weight;
    }
  }
}
