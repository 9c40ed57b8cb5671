import { signal } from "@preact/signals";
import type { ClientMessage, StudySubject } from "../generated/protocol.ts";
import { Questions, type Standing } from "./questions.ts";
import { store, useModel } from "./store.ts";

/** What this page has asked for. */
export const questions = signal(new Questions());

/** Why nothing can be computed on request; undefined if it can. */
export function notAskable(): string | undefined {
  if (store.link.value.state === "report") return "Only the training process can compute this; this page is a report in a file.";
  if (store.link.value.state !== "open") return "There is no connection to the training process at the moment.";
  if (store.hello.value?.live === false) return "Only the training process can compute this; this page reads a recorded run.";
  return undefined;
}

let send: (message: ClientMessage) => boolean = () => false;
let number = 0;

/** Tells how messages reach the server. */
export function connectQuestions(sender: typeof send): void {
  send = sender;
}

/** Asks for a study with the newest weights; see `useStanding` for what becomes of it. */
export function ask(subject: StudySubject): void {
  number += 1;
  if (notAskable() !== undefined || !send({ type: "ask", number, subject })) return;
  questions.value = questions.peek().asked(number, subject, store.model.seq);
}

/** Ends a study that waits or runs. */
export function cancel(id: number): void {
  if (send({ type: "cancel", id })) questions.value = questions.peek().cancelled(id);
}

/** What becomes of a study that this page or another one has asked for. */
export function useStanding(subject: StudySubject): Standing {
  const model = useModel();
  const layer = "layer" in subject ? subject.layer : undefined;
  const why = (seq: number): string | undefined => {
    const fault = model.faults.newest.find((each) => each.seq > seq && (layer === undefined || each.part.includes(layer)));
    return fault && `${fault.part}: ${fault.message}`;
  };
  return questions.value.standing(subject, store.status.value, model.studies, store.now.value, why);
}
