import { signal } from "@preact/signals";
import type { ClientMessage, Silence, StudySubject } from "../generated/protocol.ts";
import { Questions, type Standing, type WishStanding } from "./questions.ts";
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
  // Its result is none of the records that were there already, seen or still on their way.
  const there = Math.max(store.model.seq, store.hello.peek()?.head ?? 0);
  questions.value = questions.peek().asked(number, subject, there);
}

/** Ends a study that waits or runs. */
export function cancel(id: number): void {
  if (send({ type: "cancel", id })) questions.value = questions.peek().cancelled(id);
}

/** Whether this page can change anything: the training process is there and still trains. */
export function canControl(): boolean {
  return notAskable() === undefined && store.model.ended === undefined && store.status.value?.state !== "ended";
}

const STOP = "stop";
const silenceName = ({ rule, layer }: Pick<Silence, "rule" | "layer">): string => `silence ${JSON.stringify([rule, layer])}`;

/** Silences an alert, or lets it be heard again. */
export function silence(silence: Silence): void {
  wish(silenceName(silence), (number) => ({ type: "silence", number, silence }));
}

export function useSilenceWish(alert: Pick<Silence, "rule" | "layer">): WishStanding {
  return questions.value.wish(silenceName(alert));
}

/** Asks the training to end after this epoch. */
export function stopTraining(): void {
  wish(STOP, (number) => ({ type: "stop", number }));
}

export function useStopWish(): WishStanding {
  return questions.value.wish(STOP);
}

/** The answer to the last wish to stop has been read. */
export function forgetStopWish(): void {
  questions.value = questions.peek().forgotten(STOP);
}

function wish(name: string, message: (number: number) => ClientMessage): void {
  number += 1;
  if (notAskable() === undefined && send(message(number))) questions.value = questions.peek().wished(number, name);
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
