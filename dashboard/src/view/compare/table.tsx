import { count, list } from "../../state/value.ts";
import { differences, differs, settled, type Difference } from "./differences.ts";
import { RunMark } from "./mark.tsx";
import type { Compared } from "./runs.ts";

/** What the runs differ in, first of all. */
export function Differences({ runs }: { runs: readonly Compared[] }) {
  const models = runs.map(({ run }) => run.model);
  const rows = differences(models);
  const layers = settled(models);
  const [other, same] = [rows.filter(differs), rows.filter((row) => !differs(row))];
  const unlike = layers.filter(differs);
  return (
    <section class="compare-part" aria-labelledby="differences-title">
      <h2 id="differences-title">What differs</h2>
      <Table runs={runs} rows={other} label="Differences, run by run" head="in" />
      {same.length > 0 && (
        <p class="note">The same in all: {list(same.map(({ what, values }) => (values[0] === "–" ? what : `${what} (${values[0]})`)))}.</p>
      )}
      <details class="settled-since">
        <summary>
          When each layer settled: {unlike.length === 0 ? "the same in all" : `${count(unlike.length, "layer")} of ${layers.length} differ`}
        </summary>
        <Table runs={runs} rows={[...unlike, ...layers.filter((row) => !differs(row))]} label="When each layer settled" head="layer" />
      </details>
    </section>
  );
}

function Table({ runs, rows, label, head }: { runs: readonly Compared[]; rows: readonly Difference[]; label: string; head: string }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={label}>
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {runs.map((run) => (
              <th key={run.key} scope="col">
                <RunMark run={run} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.what}>
              <th scope="row">{row.what}</th>
              {row.values.map((value, at) => (
                <td key={runs[at]!.key} class={row.best[at] ? "best" : ""}>
                  {value}
                  {row.best[at] && <small> better</small>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
