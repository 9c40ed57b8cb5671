import { showOther } from "../../connection/live.ts";
import type { RunSummary } from "../../generated/protocol.ts";
import { store } from "../../state/store.ts";
import { count } from "../../state/value.ts";
import { SeverityIcon } from "../severity.tsx";
import { runName, startWords, summaryWords } from "./summary.ts";

/** The runs that the server shows, to choose one. */
export function RunTable({ runs, onChosen }: { runs: readonly RunSummary[]; onChosen?: () => void }) {
  const choose = (key: string): void => {
    showOther(key);
    onChosen?.();
  };
  return (
    <div class="table-box runs-box" tabIndex={0} role="region" aria-label="Runs">
      <table class="runs">
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">state</th>
            <th scope="col">started</th>
            <th scope="col">alerts</th>
            <th scope="col">directory</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.key} run={run} choose={choose} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ run, choose }: { run: RunSummary; choose: (key: string) => void }) {
  const { tone, text } = summaryWords(run, store.now.value);
  const shown = run.key === store.shown.value;
  return (
    <tr class={shown ? "selected" : ""}>
      <th scope="row">
        {run.problem === null ? (
          <button type="button" class="link" aria-current={shown ? "true" : undefined} title={`run ${run.key}`} onClick={() => choose(run.key)}>
            {runName(run)}
          </button>
        ) : (
          runName(run)
        )}
      </th>
      <td>
        <span class={`state ${tone}`}>
          <i class="dot" />
          {text}
        </span>
        {run.problem !== null && <small class="problem">{run.problem}</small>}
      </td>
      <td>{startWords(run)}</td>
      <td>
        {run.worst_alert === null ? (
          run.problem === null ? "none" : "–"
        ) : (
          <span class={`severity ${run.worst_alert}`}>
            <SeverityIcon severity={run.worst_alert} /> {count(run.active_alerts, "alert")}, {run.worst_alert}
          </span>
        )}
      </td>
      <td>
        <code>{run.directory}</code>
      </td>
    </tr>
  );
}
