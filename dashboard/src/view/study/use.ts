import { useLayoutEffect } from "preact/hooks";
import { useDocument, type Fetching, type Kind } from "../../documents/use.ts";
import type { StudySubject } from "../../generated/protocol.ts";
import { studied } from "../../navigation/study.ts";
import { useModel } from "../../state/store.ts";
import { subjectKey, type ShownStudy } from "../../state/studies.ts";

/** The study of a subject that is shown for an epoch. */
export interface Studied<K extends Kind> extends Fetching<K> {
  subject: StudySubject;
  /** The study of the epoch, or the nearest one before it. */
  shown: ShownStudy | undefined;
}

/** The study of the selected epoch, or the nearest one before it, with its document. */
export function useStudy<K extends Kind>(kind: K, subject: StudySubject, epoch: number): Studied<K> {
  const shown = useModel().studies.at(subject, epoch);
  return { subject, shown, ...useDocument(kind, shown?.document) };
}

/** Lets the key `g` ask for this study as long as the component is there. */
export function useAskable(subject: StudySubject): void {
  const key = subjectKey(subject);
  // Before anybody can press a key.
  useLayoutEffect(() => {
    studied.value = subject;
    return () => {
      if (studied.peek() === subject) studied.value = undefined;
    };
  }, [key]);
}
