import type { RunSummary } from "../../generated/protocol.ts";
import { runWords, type Words } from "../../state/words.ts";

/** How a run in the list stands, in words. */
export function summaryWords({ status, started_ms, live, problem, branch }: RunSummary, now: number): Words {
  if (problem !== null) return { tone: "bad", text: "cannot be read", detail: problem };
  if (branch !== undefined) return { tone: "quiet", text: `left after epoch ${branch.last_epoch}` };
  if (status?.state === "ended" && started_ms === null) return { tone: "quiet", text: "ended before it began" };
  if (status?.state === "ended") return { tone: "quiet", text: `ended after epoch ${status.epoch}` };
  return runWords(status ?? undefined, undefined, now, live);
}

/** A run's name; of a part that a run has left, which it is. */
export function runName({ name, branch }: RunSummary): string {
  return branch === undefined ? name : `${name}, branch ${branch.number}`;
}

/** When a run was started. */
export function startWords({ started_ms }: RunSummary): string {
  if (started_ms === null) return "–";
  return new Date(started_ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
