import type { Kind } from "../../documents/use.ts";
import type { StudySubject } from "../../generated/protocol.ts";
import { store, useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { AskButton } from "./ask.tsx";
import { Standing } from "./standing.tsx";
import { useAskable, type Studied } from "./use.ts";
import { ageWords, nextWords, occasionWords } from "./words.ts";

interface Props<K extends Kind> {
  study: Studied<K>;
  /** The selected epoch. */
  epoch: number;
  /** What is asked for, if that is less than what is shown. */
  asks?: StudySubject;
}

/** When the study that is shown was made, when the next one comes, and a way to have one now. */
export function StudyBar<K extends Kind>({ study, epoch, asks = study.subject }: Props<K>) {
  const model = useModel();
  const { subject, shown } = study;
  useAskable(asks);
  const next = nextWords(model, store.status.value, subject);
  return (
    <section class="study-bar" aria-label="When this was computed">
      <p class="study-words">
        {shown === undefined ? (
          <b>Not computed yet</b>
        ) : (
          <>
            <b>Computed {shown.epoch === 0 ? "for" : "after"} {epochName(shown.epoch)}</b>
            {shown.epoch !== epoch && <span class="study-age"> {ageWords(epoch, shown.epoch)}</span>} {occasionWords(shown)}
          </>
        )}
        {next !== undefined && `; ${next}`}
      </p>
      <AskButton subject={asks} />
      <Standing subject={asks} />
    </section>
  );
}
