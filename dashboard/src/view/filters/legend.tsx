import type { LayerFilters, SmoothnessVerdict } from "../../generated/protocol.ts";
import { number } from "../../state/words.ts";
import { VERDICTS } from "./verdicts.ts";

/** What the frames mean, and how many filters have each verdict at the selected epoch. */
export function VerdictLegend({ record }: { record: LayerFilters | undefined }) {
  const counts = new Map<SmoothnessVerdict, number>();
  for (const { verdict } of record?.filters ?? []) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return (
    <section class="legend" aria-label="Legend">
      <h2>Legend</h2>
      <ul class="verdicts">
        {(Object.keys(VERDICTS) as SmoothnessVerdict[]).map((verdict) => {
          const { letter, name, meaning } = VERDICTS[verdict];
          return (
            <li key={verdict} class={counts.has(verdict) ? "" : "none"}>
              <i class={`badge ${verdict}`} aria-hidden="true">
                {letter}
              </i>
              <span>
                <b>{name}</b> <span class="number">{counts.get(verdict) ?? 0}</span>
                <small>{meaning}</small>
              </span>
            </li>
          );
        })}
      </ul>
      <dl>
        <dt>
          <i class="ramp" aria-hidden="true" />
        </dt>
        <dd class="ramp-words">
          <span>−{record ? number(record.scale) : "max"}</span>
          <span>0</span>
          <span>+{record ? number(record.scale) : "max"}</span>
        </dd>
        <dt class="note">All filters of the layer have the same scale, so they can be compared; mid-grey is zero.</dt>
      </dl>
    </section>
  );
}
