import { store } from "../../state/store.ts";
import { Notice } from "../notice.tsx";
import { RunTable } from "./table.tsx";

/** There is nothing to show of the run that the address names: why, and what there is instead. */
export function Absent({ run, problem }: { run: string | undefined; problem: string | undefined }) {
  const others = (store.runs.value?.runs ?? []).filter(({ key }) => key !== run);
  return (
    <div class="absent">
      {problem !== undefined ? (
        <Notice title="This run cannot be read">{problem}. The page looks again every few seconds.</Notice>
      ) : run === undefined ? (
        <Notice title="There are no runs here" busy>
          As soon as a training writes into the folder that the server looks at, its run appears here by itself.
        </Notice>
      ) : (
        <Notice title="This run is not here any more">
          The address asks for the run <code>{run}</code>, which the server does not show. Was it deleted or moved, or is this the server of
          another training? The page looks again every few seconds.
        </Notice>
      )}
      {others.length > 0 && (
        <section class="others">
          <h2>Runs that are here</h2>
          <RunTable runs={others} />
        </section>
      )}
    </div>
  );
}
