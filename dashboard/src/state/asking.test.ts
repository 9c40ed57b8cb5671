import { expect, test } from "vitest";
import type { Event, Hello, Record, StudySubject } from "../generated/protocol.ts";
import { ask, connectQuestions, questions } from "./asking.ts";
import { store } from "./store.ts";

const subject: StudySubject = { study: "units", layer: "conv1" };

function study(seq: number): Record {
  return { seq, time_ms: 0, event: { kind: "study", epoch: 5, subject, document: "", seconds: 1, occasion: "scheduled" } as Event };
}

const state = () => questions.value.standing(subject, undefined, store.model.studies, 0, () => undefined).state;

test("a study that was there when one asked is not the answer, though it is read later", () => {
  connectQuestions(() => true);
  store.link.value = { state: "open" };
  store.hello.value = { version: 2, run_id: "a", head: 40, live: true, branches: 0 } as Hello;
  ask(subject);
  store.model.apply(study(30));
  expect(state()).toBe("asking");
  store.model.apply(study(41));
  expect(state()).toBe("idle");
});
