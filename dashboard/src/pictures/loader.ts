/** Loads one picture; tests bring their own. */
export type Load = (id: string) => Promise<CanvasImageSource>;

const AT_ONCE = 6;
const KEPT = 256;

interface Wanted {
  listeners: Set<(picture: CanvasImageSource | undefined) => void>;
}

/**
 * Fetches pictures, the newest wish first, and none that nobody waits for any more: when somebody
 * scrolls through a thousand epochs, the ones that flew past are never asked for.
 */
export class PictureLoader {
  private readonly kept = new Map<string, CanvasImageSource>();
  private readonly wanted = new Map<string, Wanted>();
  private readonly stack: string[] = [];
  private running = 0;

  constructor(private readonly load: Load) {}

  /** The picture, if it is here already. */
  peek(id: string): CanvasImageSource | undefined {
    const picture = this.kept.get(id);
    if (picture !== undefined) {
      this.kept.delete(id);
      this.kept.set(id, picture);
    }
    return picture;
  }

  /** Calls back once with the picture, or with nothing if it cannot be had. Returns a way to cancel. */
  request(id: string, listener: (picture: CanvasImageSource | undefined) => void): () => void {
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

  private async start(id: string, entry: Wanted): Promise<void> {
    this.running += 1;
    const picture = await this.load(id).catch(() => undefined);
    this.running -= 1;
    this.wanted.delete(id);
    if (picture !== undefined) this.keep(id, picture);
    for (const listener of entry.listeners) listener(picture);
    this.pump();
  }

  private keep(id: string, picture: CanvasImageSource): void {
    this.kept.set(id, picture);
    if (this.kept.size <= KEPT) return;
    const oldest = this.kept.keys().next().value;
    if (oldest !== undefined) this.kept.delete(oldest);
  }
}

export const pictures = new PictureLoader(async (id) => {
  const image = new Image();
  image.decoding = "async";
  image.src = new URL(`images/${encodeURIComponent(id)}.png`, document.baseURI).href;
  await image.decode();
  return image;
});
