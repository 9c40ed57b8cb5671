import { showOther } from "../../connection/live.ts";
import type { Branch, RunStarted } from "../../generated/protocol.ts";
import { store } from "../../state/store.ts";

/** The epochs of a part that the run has left. */
export function branchEpochs({ first_epoch, last_epoch }: Branch): string {
  return first_epoch === last_epoch ? `epoch ${first_epoch}` : `epochs ${first_epoch} to ${last_epoch}`;
}

/** Why a part was left. */
function why({ first_epoch }: Branch): string {
  return first_epoch === 1 ? "the training began anew" : `the training was continued from epoch ${first_epoch - 1}`;
}

/** What the run has left when it was continued from an earlier epoch, and the way there; or that this is such a part. */
export function Branches({ run: { beside, other_images } }: { run: RunStarted }) {
  const runs = store.runs.value?.runs ?? [];
  const shown = runs.find(({ key }) => key === store.shown.value);
  const { branch, branches = [] } = shown ?? {};
  const whole = branch && runs.find(({ key }) => shown!.key === `${key}~${branch.number}`);
  const nothing = branch === undefined && branches.length === 0 && beside === undefined && other_images === undefined;
  if (nothing) return null;
  return (
    <section class="branches" aria-label="What this run is part of">
      {beside !== undefined && <p>{beside}</p>}
      {other_images !== undefined && <p>{other_images}</p>}
      {branch !== undefined && (
        <p>
          This is branch {branch.number} of the run: as it was when {branchEpochs(branch)} were left, because {why(branch)}.{" "}
          {whole !== undefined && (
            <button type="button" class="link" onClick={() => showOther(whole.key)}>
              Show the run
            </button>
          )}
        </p>
      )}
      {branches.map((left) => {
        const key = `${shown!.key}~${left.number}`;
        return (
          <p key={left.number}>
            Branch {left.number}: {branchEpochs(left)}, left when {why(left)}. Nothing of it is shown here.{" "}
            {runs.some((run) => run.key === key) ? (
              <button type="button" class="link" onClick={() => showOther(key)}>
                Show branch {left.number}
              </button>
            ) : (
              <>
                <code>spyhole export --branch {left.number}</code> writes it.
              </>
            )}
          </p>
        );
      })}
    </section>
  );
}
