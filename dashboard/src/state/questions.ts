import type { Answer, Status, StudySubject } from "../generated/protocol.ts";
import { subjectKey, type Studies } from "./studies.ts";

/** How long a result may take to arrive after its study has left the status. */
const PATIENCE_MS = 3000;

const LOST = "The connection was lost before an answer came.";

/** What becomes of a study that somebody wants. */
export type Standing =
  | { state: "idle" }
  | { state: "asking" }
  | { state: "waiting"; id: number; ahead: number; scheduled: boolean }
  | { state: "running"; id: number; epoch: number; done: number; total: number; scheduled: boolean }
  | { state: "finishing" }
  | { state: "cancelled" }
  | { state: "refused"; reason: string }
  | { state: "failed"; reason: string };

interface Asked {
  number: number;
  /** The newest record when it was asked. */
  seq: number;
  stage: "sent" | "accepted" | "cancelled" | "refused" | "lost";
  id: number | null;
  reason: string;
  /** When its study was no longer among those that wait or run. */
  gone: number | undefined;
}

/** What becomes of a wish that is not a study: to silence an alert, to end the training. */
export type WishStanding = { state: "idle" } | { state: "asking" } | { state: "granted" } | { state: "refused"; reason: string };

interface Wish {
  number: number;
  standing: WishStanding;
}

/** What this page has asked for: a value that each change replaces. */
export class Questions {
  constructor(
    private readonly bySubject: ReadonlyMap<string, Asked> = new Map(),
    private readonly wishes: ReadonlyMap<string, Wish> = new Map(),
  ) {}

  /** Notes a wish under a name of its own; a new one takes the place of one before it. */
  wished(number: number, name: string): Questions {
    return new Questions(this.bySubject, new Map(this.wishes).set(name, { number, standing: { state: "asking" } }));
  }

  wish(name: string): WishStanding {
    return this.wishes.get(name)?.standing ?? { state: "idle" };
  }

  /** A wish whose answer has been read. */
  forgotten(name: string): Questions {
    const wishes = new Map(this.wishes);
    return wishes.delete(name) ? new Questions(this.bySubject, wishes) : this;
  }

  asked(number: number, subject: StudySubject, seq: number): Questions {
    return this.with(subjectKey(subject), { number, seq, stage: "sent", id: null, reason: "", gone: undefined });
  }

  answered({ number, id, refused }: Answer): Questions {
    const settled = this.settle((each) => each === number, refused === null ? { state: "granted" } : { state: "refused", reason: refused });
    return settled.map((each) =>
      each.number !== number || each.stage !== "sent" ? each : refused !== null ? { ...each, stage: "refused", reason: refused } : { ...each, stage: "accepted", id },
    );
  }

  cancelled(id: number): Questions {
    return this.map((each) => (each.id === id && each.stage === "accepted" ? { ...each, stage: "cancelled" } : each));
  }

  /** What was asked and not answered never will be. */
  disconnected(): Questions {
    const settled = this.settle(() => true, { state: "refused", reason: LOST });
    return settled.map((each) => (each.stage === "sent" ? { ...each, stage: "lost" } : each));
  }

  /** Notes which studies neither wait nor run any more. */
  seen(status: Status, now: number): Questions {
    return this.map((each) => {
      if (each.stage !== "accepted") return each;
      const listed = status.studies.some(({ id }) => id === each.id);
      const gone = listed ? undefined : (each.gone ?? now);
      return gone === each.gone ? each : { ...each, gone };
    });
  }

  /** `why`: what is known of a failure since a record. */
  standing(subject: StudySubject, status: Status | undefined, studies: Studies, now: number, why: (seq: number) => string | undefined): Standing {
    const key = subjectKey(subject);
    const listed = status?.studies ?? [];
    const at = listed.findIndex((each) => subjectKey(each.subject) === key);
    const progress = listed[at];
    const asked = this.bySubject.get(key);
    if (progress !== undefined && asked?.stage !== "cancelled") {
      const { id, epoch, done, total, occasion } = progress;
      const scheduled = occasion === "scheduled";
      // Studies that share their costly part run together, under one number.
      const before = new Set(listed.slice(0, at).map((each) => each.id));
      before.delete(id);
      if (epoch === null || before.size > 0) return { state: "waiting", id, ahead: before.size, scheduled };
      return { state: "running", id, epoch, done, total, scheduled };
    }
    if (asked === undefined) return { state: "idle" };
    if ((studies.of(subject)?.seq ?? 0) > asked.seq) return { state: "idle" };
    switch (asked.stage) {
      case "sent":
        return { state: "asking" };
      case "lost":
        return { state: "failed", reason: LOST };
      case "refused":
        return { state: "refused", reason: asked.reason };
      case "cancelled":
        return { state: "cancelled" };
      case "accepted":
        if (asked.gone === undefined || now - asked.gone < PATIENCE_MS) return { state: "finishing" };
        return { state: "failed", reason: why(asked.seq) ?? "It ended without a result." };
    }
  }

  private with(key: string, asked: Asked): Questions {
    return new Questions(new Map(this.bySubject).set(key, asked), this.wishes);
  }

  /** Settles the wishes that were not answered yet. */
  private settle(which: (number: number) => boolean, standing: WishStanding): Questions {
    const open = [...this.wishes].filter(([, each]) => each.standing.state === "asking" && which(each.number));
    if (open.length === 0) return this;
    return new Questions(this.bySubject, new Map([...this.wishes, ...open.map(([name, each]): [string, Wish] => [name, { ...each, standing }])]));
  }

  private map(change: (asked: Asked) => Asked): Questions {
    let changed = false;
    const next = new Map<string, Asked>();
    for (const [key, asked] of this.bySubject) {
      const other = change(asked);
      changed ||= other !== asked;
      next.set(key, other);
    }
    return changed ? new Questions(next, this.wishes) : this;
  }
}
