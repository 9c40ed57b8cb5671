import type { StudySubject } from "../../generated/protocol.ts";
import { newestWeights } from "../../navigation/study.ts";
import { ask, notAskable, useStanding } from "../../state/asking.ts";
import { store, useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";

interface Props {
  subject: StudySubject;
  /** What is computed, if the surroundings do not say it. */
  what?: string;
  /** Whether the key `g` asks for it. */
  byKey?: boolean;
}

/** Asks for a study with the newest weights. */
export function AskButton({ subject, what, byKey = true }: Props) {
  const model = useModel();
  const { state } = useStanding(subject);
  const newest = newestWeights(model, store.status.value);
  const impossible = notAskable();
  const there = newest !== undefined && model.studies.of(subject)?.byEpoch.get(newest) !== undefined;
  const busy = ["asking", "waiting", "running", "finishing"].includes(state);
  if (impossible !== undefined) return <span class="study-note">{impossible}</span>;
  if (newest === undefined || there) return <span class="study-note">{there ? `${epochName(newest!)} is the newest there is` : ""}</span>;
  return (
    <button type="button" class="plain ask" disabled={busy} onClick={() => ask(subject)}>
      Compute {what === undefined ? "" : `${what} `}now for {epochName(newest)}
      {byKey && (
        <>
          {" "}
          <kbd aria-hidden="true">g</kbd>
        </>
      )}
    </button>
  );
}
