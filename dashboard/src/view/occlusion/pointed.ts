import { signal } from "@preact/signals";

/** The position of the square under the pointer, in all pictures at once. */
export const pointed = signal<number | undefined>(undefined);
