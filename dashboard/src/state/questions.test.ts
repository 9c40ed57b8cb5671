import { expect, test } from "vitest";
import type { Status, StudyProgress, StudySubject } from "../generated/protocol.ts";
import { Questions } from "./questions.ts";
import { Studies } from "./studies.ts";

const subject: StudySubject = { study: "units", layer: "conv1" };
const progress = (change: Partial<StudyProgress>): StudyProgress => ({ id: 4, subject, occasion: "asked", epoch: null, done: 0, total: 0, ...change });
const status = (...studies: StudyProgress[]) => ({ studies }) as unknown as Status;

function standing(questions: Questions, now?: Status, { time = 0, studies = new Studies(), why = undefined as string | undefined } = {}) {
  return questions.standing(subject, now, studies, time, () => why);
}

test("a question is asked, waits, runs, and is over with its result", () => {
  let questions = new Questions();
  expect(standing(questions)).toEqual({ state: "idle" });
  questions = questions.asked(1, subject, 10);
  expect(standing(questions)).toEqual({ state: "asking" });
  questions = questions.answered({ number: 1, id: 4, refused: null });
  const other = progress({ id: 3, subject: { study: "units", layer: "conv2" } });
  expect(standing(questions, status(other, progress({})))).toEqual({ state: "waiting", id: 4, ahead: 1, scheduled: false });
  expect(standing(questions, status(progress({ epoch: 7, done: 2, total: 9 })))).toEqual({
    state: "running",
    id: 4,
    epoch: 7,
    done: 2,
    total: 9,
    scheduled: false,
  });
  questions = questions.seen(status(), 1000);
  expect(standing(questions, status(), { time: 1500 })).toEqual({ state: "finishing" });
  const studies = new Studies();
  studies.apply(11, { epoch: 7, subject, document: "d", seconds: 1, occasion: "asked" });
  expect(standing(questions, status(), { time: 1500, studies })).toEqual({ state: "idle" });
});

test("one that ends without a result has failed, with the reason that is known", () => {
  const questions = new Questions().asked(1, subject, 10).answered({ number: 1, id: 4, refused: null }).seen(status(), 1000);
  expect(standing(questions, status(), { time: 9000 })).toEqual({ state: "failed", reason: "It ended without a result." });
  expect(standing(questions, status(), { time: 9000, why: "not finite" })).toEqual({ state: "failed", reason: "not finite" });
  expect(standing(questions.seen(status(progress({})), 2000), status(), { time: 9000 })).toEqual({ state: "finishing" });
});

test("refused, cancelled and lost questions say so, and can be asked again", () => {
  const asked = new Questions().asked(1, subject, 0);
  const refused = asked.answered({ number: 1, id: null, refused: "too many" });
  expect(standing(refused)).toEqual({ state: "refused", reason: "too many" });
  expect(standing(refused.asked(2, subject, 0))).toEqual({ state: "asking" });
  const cancelled = asked.answered({ number: 1, id: 4, refused: null }).cancelled(4);
  expect(standing(cancelled, status(progress({ epoch: 7 })))).toEqual({ state: "cancelled" });
  expect(standing(asked.disconnected())).toMatchObject({ state: "failed" });
  expect(asked.answered({ number: 9, id: 1, refused: null })).toBe(asked);
});

test("scheduled studies that share their costly part run together; later ones wait although their epoch is known", () => {
  const one = progress({ id: 1, occasion: "scheduled", epoch: 5, subject: { study: "units", layer: "conv2" } });
  const together = standing(new Questions(), status(one, progress({ id: 1, occasion: "scheduled", epoch: 5 })));
  expect(together).toMatchObject({ state: "running", scheduled: true });
  const later = standing(new Questions(), status(one, progress({ id: 2, occasion: "scheduled", epoch: 5 })));
  expect(later).toEqual({ state: "waiting", id: 2, ahead: 1, scheduled: true });
});

test("a study that somebody else asked for, or that is scheduled, is seen too", () => {
  expect(standing(new Questions(), status(progress({ occasion: "scheduled", epoch: 5 })))).toMatchObject({ state: "running", scheduled: true });
});

test("wishes are answered each by its number; a refusal keeps the server's words", () => {
  let questions = new Questions().wished(1, "stop").wished(2, "silence").asked(3, subject, 0);
  expect(questions.wish("stop")).toEqual({ state: "asking" });
  questions = questions.answered({ number: 1, id: null, refused: "the training is over" }).answered({ number: 2, id: null, refused: null });
  expect(questions.wish("stop")).toEqual({ state: "refused", reason: "the training is over" });
  expect(questions.wish("silence")).toEqual({ state: "granted" });
  expect(standing(questions)).toEqual({ state: "asking" });
  expect(questions.disconnected().wish("silence")).toEqual({ state: "granted" });
  expect(questions.wished(4, "stop").disconnected().wish("stop")).toMatchObject({ state: "refused" });
  expect(questions.forgotten("stop").wish("stop")).toEqual({ state: "idle" });
  expect(questions.forgotten("other")).toBe(questions);
});
