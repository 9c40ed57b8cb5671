import type { RunSummary } from "../../generated/protocol.ts";
import { runWords, type Words } from "../../state/words.ts";

/** How a run in the list stands, in words. */
export function summaryWords({ status, started_ms, live, problem }: RunSummary, now: number): Words {
  if (problem !== null) return { tone: "bad", text: "cannot be read", detail: problem };
  if (status?.state === "ended" && started_ms === null) return { tone: "quiet", text: "ended before it began" };
  if (status?.state === "ended") return { tone: "quiet", text: `ended after epoch ${status.epoch}` };
  return runWords(status ?? undefined, undefined, now, live);
}

/** When a run was started. */
export function startWords({ started_ms }: RunSummary): string {
  if (started_ms === null) return "–";
  return new Date(started_ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
