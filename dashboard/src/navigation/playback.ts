import { effect, signal } from "@preact/signals";
import { store } from "../state/store.ts";
import { go, route } from "./navigate.ts";
import { select, stepped } from "./selection.ts";

export const SPEEDS = [1, 2, 4, 8, 16] as const;

/** Whether the epochs are played, and how many a second. */
export const playing = signal(false);
export const speed = signal<number>(4);

export function togglePlay(): void {
  if (playing.peek()) {
    playing.value = false;
    return;
  }
  const selection = select(store.model, route.peek());
  // At the end, play from the beginning.
  if (selection.newest) {
    go({ epoch: selection.epochs[0] });
  }
  playing.value = selection.epochs.length > 1;
}

/** Moves the selection by so many epochs. */
export function step(steps: number): void {
  playing.value = false;
  go({ epoch: stepped(select(store.model, route.peek()), steps) });
}

effect(() => {
  if (!playing.value) return;
  const timer = setInterval(() => {
    const next = stepped(select(store.model, route.peek()), 1);
    go({ epoch: next });
    if (next === undefined) playing.value = false;
  }, 1000 / speed.value);
  return () => clearInterval(timer);
});
