import { useRef } from "preact/hooks";
import { canControl, forgetStopWish, stopTraining, useStopWish } from "../state/asking.ts";
import { store, useModel } from "../state/store.ts";

/** Ends the training after the running epoch, once somebody has confirmed it. Not there where nothing can be stopped. */
export function StopButton() {
  useModel();
  const dialog = useRef<HTMLDialogElement>(null);
  const wish = useStopWish();
  const status = store.status.value;
  const stopping = status?.stopping ?? undefined;
  const trains = status?.state === "training" || status?.state === "starting";
  if (!canControl() || (!trains && stopping === undefined)) return null;
  return (
    <div class="stop">
      {stopping === undefined ? (
        <button type="button" class="plain stop-button" onClick={() => dialog.current?.showModal()}>
          Stop training …
        </button>
      ) : (
        <span class="stopping" role="status">
          stops after this epoch
        </span>
      )}
      <dialog ref={dialog} aria-labelledby="stop-title" onClose={forgetStopWish}>
        {stopping !== undefined ? (
          <>
            <h2 id="stop-title">The training will stop</h2>
            <p>
              It ends after epoch {status!.epoch}: {stopping}. Everything recorded so far stays.
            </p>
          </>
        ) : (
          <>
            <h2 id="stop-title">Stop the training?</h2>
            <p>
              Epoch {Math.max(1, status!.epoch)} is finished first, with its validation and its checkpoint; then the training ends as if
              by early stopping. Nothing that was recorded is lost, and the page stays as it is. It cannot be taken back; to go on
              later, start the training again from the checkpoint.
            </p>
            {wish.state === "asking" && <p role="status">Asking the training process …</p>}
            {wish.state === "granted" && <p role="status">The training process has agreed.</p>}
            {wish.state === "refused" && (
              <p class="refused" role="alert">
                Not stopped. The training process says: {wish.reason}
              </p>
            )}
          </>
        )}
        <form method="dialog" class="choices">
          <button>{stopping === undefined ? "Keep training" : "Close"}</button>
          {stopping === undefined && (
            <button
              type="button"
              class="danger"
              disabled={wish.state === "asking" || wish.state === "granted"}
              onClick={stopTraining}
            >
              Stop after this epoch
            </button>
          )}
        </form>
      </dialog>
    </div>
  );
}
