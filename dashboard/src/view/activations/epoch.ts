import { signal } from "@preact/signals";

/** The epoch under the pointer, in whichever chart it is. */
export const pointedEpoch = signal<number | undefined>(undefined);
