import { batch, signal } from "@preact/signals";
import type { Hello, Record, Status } from "../generated/protocol.ts";
import { Model } from "./model.ts";

/** The connection to the server, as the page shows it. */
export type Link =
  | { state: "connecting" }
  | { state: "open" }
  | { state: "lost"; attempts: number; reason: string; refused: boolean }
  | { state: "incompatible"; server: number };

/**
 * The page's state. The model is changed in place, because copying it for every record would cost more
 * the longer a run lasts; `revision` goes up after each batch, and views that read it are drawn again.
 */
export const store = {
  model: new Model(),
  revision: signal(0),
  status: signal<Status | undefined>(undefined),
  hello: signal<Hello | undefined>(undefined),
  link: signal<Link>({ state: "connecting" }),
  /** The browser's clock, in milliseconds; renewed every few seconds. */
  now: signal(Date.now()),
};

/**
 * The model, for a component that is to be drawn again when it changes. Each component that reads it calls
 * this: handed down, it would look the same as before, and the component would not be drawn again.
 */
export function useModel(): Model {
  void store.revision.value;
  return store.model;
}

/**
 * The revision for what is costly to draw: while a long history is read it goes on only a few dozen times.
 */
export function useCalmRevision(): number {
  const revision = store.revision.value;
  const head = store.hello.value?.head ?? 0;
  const { seq } = store.model;
  return seq >= head ? revision : -Math.floor((40 * seq) / head) - 1;
}

const DRAW_EVERY_MS = 200;
let drawn = 0;

/** Applies records; while there are `more` to come, the views are drawn again only now and then. */
export function applyRecords(records: readonly Record[], more: boolean): void {
  for (const record of records) store.model.apply(record);
  const now = performance.now();
  if (more && now - drawn < DRAW_EVERY_MS) return;
  drawn = now;
  store.revision.value += 1;
}

/** Forgets the run. */
export function reset(): void {
  batch(() => {
    store.model = new Model();
    store.status.value = undefined;
    store.revision.value += 1;
  });
}
