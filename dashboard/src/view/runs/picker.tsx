import { useEffect, useRef, useState } from "preact/hooks";
import { refreshRuns } from "../../connection/live.ts";
import { pickerOpen } from "../../navigation/keyboard.ts";
import { store, useModel } from "../../state/store.ts";
import { runName } from "./summary.ts";
import { RunTable } from "./table.tsx";

const REFRESH_MS = 3000;

/** The name of the run that is shown; where there are several, a button that lists them. */
export function RunPicker() {
  const model = useModel();
  const runs = store.runs.value?.runs ?? [];
  const key = store.shown.value;
  const known = runs.find((run) => run.key === key);
  const name = known?.branch === undefined ? (model.run?.name ?? known?.name ?? "") : runName(known);
  const title = model.run && `run ${model.run.run_id}`;
  if (runs.length < 2) {
    return (
      <span class="run-name" title={title}>
        {name}
      </span>
    );
  }
  return (
    <>
      <button type="button" class="run-name pick" title="Choose another run (p)" aria-haspopup="dialog" onClick={() => (pickerOpen.value = true)}>
        <span>{name === "" ? "choose a run" : name}</span>
        <small>{runs.length} runs</small>
      </button>
      <Picker />
    </>
  );
}

function Picker() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState("");
  const open = pickerOpen.value;
  useEffect(() => {
    if (!open) {
      dialog.current?.close();
      return;
    }
    dialog.current?.showModal();
    const refresh = (): void => {
      refreshRuns().then(
        () => setProblem(""),
        (error: Error) => setProblem(error.message),
      );
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [open]);
  return (
    <dialog ref={dialog} class="picker-dialog" aria-labelledby="runs-title" onClose={() => (pickerOpen.value = false)}>
      <h2 id="runs-title">Runs</h2>
      {open && <RunTable runs={store.runs.value?.runs ?? []} onChosen={() => (pickerOpen.value = false)} />}
      {problem !== "" && <p role="status">The list is not up to date: {problem}.</p>}
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
