import { go } from "../../navigation/navigate.ts";
import type { FilterEpoch } from "../../state/filters.ts";
import type { Column } from "../../state/readings.ts";
import { percent } from "../../state/value.ts";
import { number } from "../../state/words.ts";
import { Link } from "../link.tsx";
import { StateBadge } from "./badge.tsx";
import { STATES } from "./states.ts";

/** The numbers of one filter, with their meaning. */
export function Readout({ layer, record, filter }: { layer: string; record: FilterEpoch; filter: number | undefined }) {
  const { readings, test } = record;
  if (filter === undefined || filter >= readings.count) {
    return (
      <div class="readout">
        <h3>No filter selected</h3>
        <p class="empty">Point at a filter to read its numbers; click to keep it and to highlight its line in the chart.</p>
      </div>
    );
  }
  const state = readings.state(filter);
  const value = (column: Column): number | null => readings.value(column, filter);
  const words = (column: Column): string => (value(column) === null ? "–" : number(value(column)));
  const share = (column: Column): string => (value(column) === null ? "–" : percent(value(column)!));
  const twin = value("duplicate_of");
  return (
    <div class="readout">
      <h3>
        Filter {filter}: <StateBadge state={state} /> {STATES[state].name}
      </h3>
      <p>{STATES[state].meaning}</p>
      <dl class="facts">
        <dt>Q</dt>
        <dd>
          <b>{words("q")}</b> structure; random: about {test.degrees_of_freedom}
          {test.q_critical !== null && `, critical: ${number(test.q_critical)}`}
        </dd>
        <dt>p</dt>
        <dd>
          <b>{words("p_value")}</b> how often random weights reach this Q; significant below {test.level}
        </dd>
        <dt>r1</dt>
        <dd>
          <b>{words("r1")}</b> correlation of neighbours; random: 0
          {test.r1_null_deviation !== null && ` ± ${number(test.r1_null_deviation)}`}
        </dd>
        <dt>RMS</dt>
        <dd>
          <b>{words("rms")}</b> size of a typical weight
        </dd>
        <dt>change</dt>
        <dd>
          <b>{share("change")}</b> since the snapshot before, of its size
        </dd>
        <dt>distance</dt>
        <dd>
          <b>{share("distance")}</b> from its initial weights, of their size
        </dd>
        <dt>twin</dt>
        <dd>
          {twin === null ? (
            <>
              <b>–</b> no other filter is nearly the same
            </>
          ) : (
            <>
              <b>
                <button type="button" class="link" onClick={() => go({ map: twin, only: undefined })}>
                  filter {twin}
                </button>
              </b>{" "}
              is nearly the same, up to its sign
            </>
          )}
        </dd>
      </dl>
      <p class="links">
        <Link to={{ view: "units", layer, map: filter, only: undefined, sort: undefined }}>what excites its map most</Link>
        <Link to={{ view: "activations", layer, map: filter, only: undefined, sort: undefined }}>where its map responds</Link>
      </p>
    </div>
  );
}
