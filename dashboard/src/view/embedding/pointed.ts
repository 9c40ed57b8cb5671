import { signal } from "@preact/signals";
import type { Route } from "../../navigation/route.ts";

/** The image under the pointer. */
export const pointed = signal<number | undefined>(undefined);

/** The only class that stands out; undefined: all do. */
export function onlyClass({ only }: Route): number | undefined {
  return only !== undefined && /^\d{1,6}$/.test(only) ? Number(only) : undefined;
}
