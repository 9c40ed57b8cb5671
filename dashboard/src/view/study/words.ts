import { LAYER_STATES, type RunEnded, type Status, type StudySubject } from "../../generated/protocol.ts";
import type { Model } from "../../state/model.ts";
import type { ShownStudy } from "../../state/studies.ts";
import { count, sentence } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { isSick } from "../settling/states.ts";

/** "in 0.8 s, on schedule". */
export function occasionWords({ seconds, occasion }: ShownStudy): string {
  return `in ${secondsWords(seconds)}, ${occasion === "scheduled" ? "on schedule" : "on request"}`;
}

function secondsWords(seconds: number): string {
  if (seconds < 0.1) return "less than 0.1 s";
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** How old a study is, seen from the selected epoch. */
export function ageWords(selected: number, studied: number): string {
  return `(${count(selected - studied, "epoch")} before the selected one, ${epochName(selected)})`;
}

/** In sentences, why a study of a subject shows nothing, as far as the recorder said: by the probe images, or by the layer's state. */
export function reasonWords(model: Model, subject: StudySubject): string | undefined {
  const told = model.run?.probe.not_studied?.find(({ study }) => study === subject.study);
  if (told !== undefined) return sentence(told.reason);
  const layer = "layer" in subject ? subject.layer : undefined;
  const state = layer === undefined ? undefined : model.health.state(layer);
  if (layer === undefined || !isSick(state)) return undefined;
  return `${layer} is ${LAYER_STATES[state].name}. ${LAYER_STATES[state].meaning}`;
}

/** What there was no time left for when the training ended, and what helps. */
export function leftOutWords({ studies_left_out: studies = 0 }: RunEnded): string | undefined {
  if (studies === 0) return undefined;
  return (
    `When the training ended there was no time left for ${count(studies, "scheduled study", "scheduled studies")}. ` +
    "A longer patience gives them more: .patience(…) in the program."
  );
}

/** When the next study of a subject is made; undefined if none is scheduled. */
export function nextWords(model: Model, status: Status | undefined, subject: StudySubject): string | undefined {
  const next = status?.next_studies ?? null;
  const past = model.studies.of(subject)?.byEpoch.values;
  const scheduled = past?.some(({ occasion }) => occasion === "scheduled") ?? !model.studies.any;
  return next === null || model.ended !== undefined || !scheduled ? undefined : `next after ${epochName(next)}`;
}
