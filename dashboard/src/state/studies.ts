import type { Occasion, Study, StudySubject } from "../generated/protocol.ts";
import { EpochSeries } from "./series.ts";

/** A study that was made; its numbers are in the document. */
export interface StudyEntry {
  document: string;
  seconds: number;
  occasion: Occasion;
}

/** The study that is shown for a selected epoch. */
export interface ShownStudy extends StudyEntry {
  epoch: number;
}

/** All studies of one subject. */
export class SubjectStudies {
  readonly byEpoch = new EpochSeries<StudyEntry>();
  /** The newest record about it. */
  seq = 0;

  constructor(readonly subject: StudySubject) {}

  /** The study of the epoch, or the nearest one before it. */
  at(epoch: number): ShownStudy | undefined {
    const before = this.byEpoch.before(epoch + 1);
    return before && { epoch: before.epoch, ...before.value };
  }
}

/** By the text that a subject has as it is: a run of 1,000 epochs names some hundred of them 40,000 times. */
const keys = new Map<string, string>();

/** The same text for the same subject, in whichever order its fields come. */
export function subjectKey(subject: StudySubject): string {
  const text = JSON.stringify(subject);
  let key = keys.get(text);
  if (key === undefined) keys.set(text, (key = ordered(subject)));
  return key;
}

function ordered(subject: StudySubject): string {
  return JSON.stringify(subject, (_, value: unknown) => {
    const fields = typeof value === "object" && value !== null && !Array.isArray(value);
    return fields ? Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
  });
}

/** Which studies were made, by subject and epoch. */
export class Studies {
  private readonly subjects = new Map<string, SubjectStudies>();

  apply(seq: number, { epoch, subject, document, seconds, occasion }: Study): void {
    const key = subjectKey(subject);
    let studies = this.subjects.get(key);
    if (studies === undefined) this.subjects.set(key, (studies = new SubjectStudies(subject)));
    studies.byEpoch.set(epoch, { document, seconds, occasion });
    studies.seq = seq;
  }

  forget(epoch: number): void {
    for (const { byEpoch } of this.subjects.values()) byEpoch.delete(epoch);
  }

  /** The run was continued from an earlier epoch. */
  leave(from: number): void {
    for (const [key, { byEpoch }] of this.subjects) {
      byEpoch.cut(from);
      if (byEpoch.length === 0) this.subjects.delete(key);
    }
  }

  of(subject: StudySubject): SubjectStudies | undefined {
    return this.subjects.get(subjectKey(subject));
  }

  /** The epochs of which a subject was studied. */
  epochs(subject: StudySubject): readonly number[] {
    return this.of(subject)?.byEpoch.epochs ?? [];
  }

  /** The study of the epoch, or the nearest one before it. */
  at(subject: StudySubject, epoch: number): ShownStudy | undefined {
    return this.of(subject)?.at(epoch);
  }

  /** Every subject of a kind that was studied in a layer. */
  among<S extends StudySubject["study"]>(study: S, layer: string): Extract<StudySubject, { study: S }>[] {
    return [...this.subjects.values()]
      .filter(({ subject, byEpoch }) => subject.study === study && "layer" in subject && subject.layer === layer && byEpoch.length > 0)
      .map(({ subject }) => subject as Extract<StudySubject, { study: S }>);
  }

  /** Every subject of a kind that was studied. */
  every<S extends StudySubject["study"]>(study: S): Extract<StudySubject, { study: S }>[] {
    return [...this.subjects.values()]
      .filter(({ subject, byEpoch }) => subject.study === study && byEpoch.length > 0)
      .map(({ subject }) => subject as Extract<StudySubject, { study: S }>);
  }

  /** Whether anything was studied. */
  get any(): boolean {
    return this.subjects.size > 0;
  }
}
