import { go } from "../../navigation/navigate.ts";
import type { FilterEpoch } from "../../state/filters.ts";
import { FILTER_STATES } from "../../state/readings.ts";
import { StateBadge } from "./badge.tsx";
import { STATES } from "./states.ts";

interface Props {
  record: FilterEpoch;
  /** The filters that the selected statistic found. */
  ringed: readonly number[];
  only: string | undefined;
}

/** Which filters are shown: all, one state, or those with a ring. */
export function Chips({ record, ringed, only }: Props) {
  const counts = record.readings.counts();
  const states = FILTER_STATES.filter((state) => counts.has(state) || only === state);
  const chip = (key: string | undefined, content: preact.ComponentChildren, amount: number) => (
    <button key={key ?? "all"} type="button" aria-pressed={only === key} onClick={() => go({ only: key })}>
      {content} <span class="number">{amount}</span>
    </button>
  );
  return (
    <div class="chips" role="group" aria-label="Which filters are shown">
      {chip(undefined, "all", record.readings.count)}
      {(ringed.length > 0 || only === "found") && chip("found", "ringed", ringed.length)}
      {states.map((state) =>
        chip(
          state,
          <>
            <StateBadge state={state} /> {STATES[state].name}
          </>,
          counts.get(state) ?? 0,
        ),
      )}
    </div>
  );
}

/** The filters that are to be shown, by number. */
export function shownFilters({ readings }: FilterEpoch, ringed: readonly number[], only: string | undefined): number[] {
  const all = Array.from({ length: readings.count }, (_, filter) => filter);
  if (only === undefined) return all;
  return only === "found" ? all.filter((filter) => ringed.includes(filter)) : all.filter((filter) => readings.state(filter) === only);
}
