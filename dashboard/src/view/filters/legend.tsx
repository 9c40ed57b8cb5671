import type { FilterEpoch } from "../../state/filters.ts";
import { FILTER_STATES } from "../../state/readings.ts";
import { number } from "../../state/words.ts";
import { StateBadge } from "./badge.tsx";
import { STATES } from "./states.ts";

/** What the frames mean, and how many filters are in each state at the selected epoch. */
export function StateLegend({ record }: { record: FilterEpoch | undefined }) {
  const counts = record?.readings.counts();
  const limit = record ? number(record.scale) : "max";
  return (
    <section class="legend" aria-label="Legend">
      <h2>Legend</h2>
      <ul class="states">
        {FILTER_STATES.filter((state) => state !== "dead" || counts?.has(state)).map((state) => (
          <li key={state} class={counts?.has(state) ? "" : "none"}>
            <StateBadge state={state} />
            <span>
              <b>{STATES[state].name}</b> <span class="number">{counts?.get(state) ?? 0}</span>
              <small>{STATES[state].meaning}</small>
            </span>
          </li>
        ))}
      </ul>
      <dl>
        <dt class="note">A filter can be several things at once; its frame shows the first that applies, from the top.</dt>
        <dt>
          <i class="ramp" aria-hidden="true" />
        </dt>
        <dd class="ramp-words">
          <span>−{limit}</span>
          <span>0</span>
          <span>+{limit}</span>
        </dd>
        <dt class="note">The weights, without a unit. All filters of the layer have the same scale, so they can be compared; mid-grey is zero. Point at a pixel to read its weight.</dt>
      </dl>
    </section>
  );
}
