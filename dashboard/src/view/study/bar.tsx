import type { Kind } from "../../documents/use.ts";
import type { StudySubject } from "../../generated/protocol.ts";
import { notAskable } from "../../state/asking.ts";
import type { Model } from "../../state/model.ts";
import { store, useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { AskButton } from "./ask.tsx";
import { Standing } from "./standing.tsx";
import { useAskable, type Studied } from "./use.ts";
import { ageWords, nextWords, occasionWords, reasonWords } from "./words.ts";

interface Props<K extends Kind> {
  study: Studied<K>;
  /** The selected epoch. */
  epoch: number;
  /** What is asked for, if that is less than what is shown. */
  asks?: StudySubject;
}

/** Said where there is no study: `yet` only if one may come. */
function notComputedWords(model: Model, subject: StudySubject, next: string | undefined): string {
  const possible = reasonWords(model, subject) === undefined && (next !== undefined || notAskable() === undefined);
  return possible ? "Not computed yet" : "Not computed";
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
          <b>{notComputedWords(model, subject, next)}</b>
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
