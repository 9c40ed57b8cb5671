import type { LayerFilters } from "../../generated/protocol.ts";
import { number } from "../../state/words.ts";
import { VERDICTS } from "./verdicts.ts";

/** The numbers of one filter, with their meaning. */
export function Readout({ record, filter }: { record: LayerFilters; filter: number | undefined }) {
  const reading = filter === undefined ? undefined : record.filters[filter];
  if (reading === undefined) {
    return (
      <div class="readout">
        <h3>No filter selected</h3>
        <p class="empty">Point at a filter to read its numbers; click to highlight its line in the chart.</p>
      </div>
    );
  }
  const { name, meaning } = VERDICTS[reading.verdict];
  const { test } = record;
  const or = (value: number | null): string => (value === null ? "–" : number(value));
  return (
    <div class="readout">
      <h3>
        Filter {filter}: {name}
      </h3>
      <p>{meaning}</p>
      <dl class="facts">
        <dt>Q</dt>
        <dd>
          <b>{or(reading.q)}</b> random weights: about {test.degrees_of_freedom}
          {test.q_critical !== null && `; critical: ${number(test.q_critical)}`}
        </dd>
        <dt>p</dt>
        <dd>
          <b>{or(reading.p_value)}</b> how often random weights reach this Q; significant below {test.level}
        </dd>
        <dt>r1</dt>
        <dd>
          <b>{or(reading.r1)}</b> correlation of neighbours; random: 0
          {test.r1_null_deviation !== null && ` ± ${number(test.r1_null_deviation)}`}
        </dd>
        <dt>RMS</dt>
        <dd>
          <b>{or(reading.rms)}</b> size of a typical weight
        </dd>
      </dl>
    </div>
  );
}
