import type { FilterState } from "../../generated/protocol.ts";
import { STATES } from "./states.ts";

/** A filter's state as a letter on its colour; the words stand beside it. */
export function StateBadge({ state }: { state: FilterState }) {
  return (
    <i class={`badge ${state}`} aria-hidden="true">
      {STATES[state].letter}
    </i>
  );
}
