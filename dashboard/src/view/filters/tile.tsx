import { Component } from "preact";
import type { Atlas, FilterState } from "../../generated/protocol.ts";
import type { Meaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { StateBadge } from "./badge.tsx";
import { STATES } from "./states.ts";

interface Props {
  atlas: Atlas;
  filter: number;
  state: FilterState;
  size: number;
  /** What the weights of the layer are drawn by; the same object for the same record. */
  meaning: Meaning;
  chosen: boolean;
  ringed: boolean;
}

/** One filter in the frame of its state. It is drawn again only when something about it has changed. */
export class FilterTile extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return (Object.keys(next) as (keyof Props)[]).some((key) => next[key] !== this.props[key]);
  }

  override render({ atlas, filter, state, size, meaning, chosen, ringed }: Props) {
    return (
      <button type="button" class={`filter ${state}${ringed ? " ringed" : ""}`} data-number={filter} aria-pressed={chosen}>
        <Tile atlas={atlas} index={filter} size={size} meaning={meaning} name={`filter ${filter}`} />
        <span class="tag">
          <StateBadge state={state} />
          <span>
            <span class="unseen">filter </span>
            {filter}
            <span class="unseen">
              : {STATES[state].name}
              {ringed && ", ringed"}
            </span>
          </span>
        </span>
      </button>
    );
  }
}
