import { go, route } from "../../navigation/navigate.ts";
import { store } from "../../state/store.ts";
import { runName } from "../runs/summary.ts";
import { RunMark } from "./mark.tsx";
import { MOST_RUNS, type Compared } from "./runs.ts";

/** Which runs are compared: the shown one, and those that are added to it. */
export function RunChooser({ runs }: { runs: readonly Compared[] }) {
  const chosen = runs.map(({ key }) => key);
  const others = (store.runs.value?.runs ?? []).filter(({ key, problem }) => problem === null && !chosen.includes(key));
  const full = runs.length >= MOST_RUNS;
  return (
    <div class="run-chooser" role="group" aria-label="Runs that are compared">
      {runs.map((run, at) => (
        <span key={run.key} class="chosen-run">
          <RunMark run={run} />
          {at > 0 && (
            <button type="button" aria-label={`Leave out ${run.name}`} title={`Leave out ${run.name}`} onClick={() => go({ with: route.peek().with.filter((key) => key !== run.key) })}>
              ×
            </button>
          )}
        </span>
      ))}
      {others.length > 0 && (
        <label class="picker">
          <span class="unseen">Add a run</span>
          <select
            value=""
            disabled={full}
            title={full ? `At most ${MOST_RUNS} runs at a time` : "Compare with another run"}
            onChange={({ currentTarget }) => {
              if (currentTarget.value !== "") go({ with: [...route.peek().with, currentTarget.value] });
              currentTarget.value = "";
            }}
          >
            <option value="">{full ? `at most ${MOST_RUNS} runs` : "add a run …"}</option>
            {others.map((run) => (
              <option key={run.key} value={run.key}>
                {runName(run)} — {run.directory}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
