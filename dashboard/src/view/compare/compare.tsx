import { go, route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { source } from "../../source/current.ts";
import { store, useModel } from "../../state/store.ts";
import { Notice } from "../notice.tsx";
import { Transport } from "../transport.tsx";
import { RunChooser } from "./chooser.tsx";
import { Clocks } from "./clocks.tsx";
import { layersOf } from "./differences.ts";
import { CompareExplanation } from "./explanation.tsx";
import { Overlaid } from "./metrics.tsx";
import { ComparedFilters, ComparedMaps } from "./pictures.tsx";
import { MOST_RUNS, useCompared, useComparedHistories } from "./runs.ts";
import { Differences } from "./table.tsx";

/** Several runs: what differs, their metrics and clocks together, the same filters and maps side by side. */
export function Compare() {
  const model = useModel();
  const list = store.runs.value?.runs ?? [];
  const known = route.value.with.filter((key) => key !== store.shown.value && list.some((run) => run.key === key && run.problem === null));
  const gone = route.value.with.filter((key) => key !== store.shown.value && !known.includes(key));
  const runs = useCompared(known.slice(0, MOST_RUNS - 1));
  const selection = select(model, route.value);
  const { epoch } = route.value;
  const names = layersOf(runs.map(({ run }) => run.model));
  const layer = names.find((name) => name === route.value.layer) ?? names[0];
  useComparedHistories(runs, layer, epoch);
  const revision = runs.map(({ key, run }) => `${key} ${run.revision.value}`).join();
  const readable = list.filter(({ problem }) => problem === null);
  return (
    <div class="view comparing">
      <section class="stage" aria-label="Runs compared">
        <div class="tools">
          <RunChooser runs={runs} />
          {runs.length > 1 && <Transport selection={selection} />}
        </div>
        <CompareExplanation />
        {gone.length > 0 && <p class="note gone">Not among the server's runs any more, or not readable: {gone.join(", ")}.</p>}
        {source.report !== undefined ? (
          <Notice title="A report holds one run">
            To compare runs, show their folders with <code>spyhole view A B</code>.
          </Notice>
        ) : readable.length < 2 ? (
          <Notice title="There is only one run here">
            To compare runs, show several: <code>spyhole view RUNS_DIR</code> shows every run in a folder, <code>spyhole view A B</code> shows
            these two. Then choose here what to compare.
          </Notice>
        ) : runs.length < 2 ? (
          <Notice title="Which run is this one to be compared with?">Choose one above under “add a run”; up to {MOST_RUNS} fit.</Notice>
        ) : (
          <>
            <Differences runs={runs} />
            <Overlaid runs={runs} revision={revision} />
            {layer !== undefined && (
              <>
                <Clocks runs={runs} layer={layer} epoch={epoch} revision={revision} />
                <label class="picker">
                  <span>Layer</span>
                  <select value={layer} onChange={({ currentTarget }) => go({ layer: currentTarget.value, map: undefined })}>
                    {names.map((name) => (
                      <option key={name} value={name}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
                <ComparedFilters runs={runs} layer={layer} epoch={epoch} />
                <ComparedMaps runs={runs} layer={layer} epoch={epoch} />
              </>
            )}
          </>
        )}
      </section>
    </div>
  );
}
