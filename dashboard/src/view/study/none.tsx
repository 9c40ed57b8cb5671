import type { Kind } from "../../documents/use.ts";
import type { StudySubject } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { notAskable, useStanding } from "../../state/asking.ts";
import { store, useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { Notice } from "../notice.tsx";
import type { Studied } from "./use.ts";
import { leftOutWords, nextWords, reasonWords } from "./words.ts";

interface Props<K extends Kind> {
  study: Studied<K>;
  /** What the study is of: `the feature maps of conv1 for image 3`. */
  what: string;
  /** The selected epoch. */
  epoch: number;
  /** What is asked for, if that is less than what is shown. */
  asks?: StudySubject;
}

/** In place of a study that is not there: why, and what can be done. */
export function NoStudy<K extends Kind>({ study, what, epoch, asks = study.subject }: Props<K>) {
  const model = useModel();
  const { subject, shown, state } = study;
  const standing = useStanding(asks).state;
  if (state === "missing") {
    return (
      <Notice title="The result could not be fetched">
        It is recorded, but its document is not there. The page tries again when the connection is renewed.
      </Notice>
    );
  }
  if (["asking", "waiting", "running", "finishing"].includes(standing)) {
    return (
      <Notice title="It is being computed" busy>
        The training goes on meanwhile.
      </Notice>
    );
  }
  if (shown !== undefined) return <Notice title="Fetching the result" busy />;
  const first = model.studies.epochs(subject)[0];
  const impossible = notAskable();
  const next = nextWords(model, store.status.value, subject);
  const leftOut = model.ended && leftOutWords(model.ended);
  if (first !== undefined) {
    return (
      <Notice title={`Nothing up to ${epochName(epoch)}`}>
        The first study of {what} was made after {epochName(first)}.{" "}
        <button type="button" class="link" onClick={() => go({ epoch: first })}>
          Show it
        </button>
      </Notice>
    );
  }
  const reason = reasonWords(model, subject);
  if (reason !== undefined) return <Notice title={`Nothing can be told of ${what}`}>{reason}</Notice>;
  return (
    <Notice title={`Nothing is known ${impossible === undefined ? "yet " : ""}of ${what}`}>
      {impossible === undefined ? (
        <>
          Press <kbd>g</kbd> or the button above: it is computed beside the training, with the newest weights
          {next === undefined ? "." : `. On schedule it comes ${next}.`}
        </>
      ) : (
        impossible
      )}
      {leftOut !== undefined && ` ${leftOut}`}
    </Notice>
  );
}
