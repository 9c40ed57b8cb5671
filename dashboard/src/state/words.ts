import type { Hello, RunEnded, RunOutcome, Status } from "../generated/protocol.ts";
import type { Link } from "./store.ts";

/** After this long without a sign of life, a run that has not ended counts as lost. */
export const SILENCE_MS = 15_000;

export type Tone = "good" | "busy" | "quiet" | "bad";

export interface Words {
  tone: Tone;
  text: string;
  detail?: string;
}

const OUTCOME: { [outcome in RunOutcome]: Words } = {
  finished: { tone: "good", text: "finished" },
  interrupted: { tone: "quiet", text: "interrupted" },
  failed: { tone: "bad", text: "failed" },
};

/** What the run is doing, in words. */
export function runWords(
  status: Status | undefined,
  ended: RunEnded | undefined,
  now: number,
  live: boolean,
  connected = true,
): Words {
  if (ended !== undefined) {
    const { outcome, reason } = ended;
    return reason === null ? OUTCOME[outcome] : { ...OUTCOME[outcome], detail: reason };
  }
  if (status === undefined) return { tone: "quiet", text: "waiting for the run" };
  if (status.state === "ended") return { tone: "quiet", text: "ended", detail: "it did not say how" };
  if (!connected) {
    // What the training does meanwhile, nobody here knows.
    const doing = status.state === "training" ? `was ${status.split === "valid" ? "validating" : "training"} epoch ${status.epoch}` : "not known now";
    return { tone: "quiet", text: doing, detail: "when the connection was lost; it may have gone on since" };
  }
  const silence = now - status.alive_ms;
  if (status.alive_ms > 0 && silence > SILENCE_MS) {
    return {
      tone: "bad",
      text: `no sign of life for ${duration(silence)}`,
      detail: live
        ? "the training process answers, but tells nothing new: it hangs, or its clock differs from this one's"
        : "the training process was killed or suspended, or its clock differs from this one's; every epoch on record is kept",
    };
  }
  const analysing = status.analysing === null ? "" : ` · analysing ${epochName(status.analysing)}`;
  switch (status.state) {
    case "starting":
      return { tone: "busy", text: `starting${analysing}` };
    case "training": {
      const doing = status.split === "valid" ? "validating" : "training";
      const last = status.stopping == null ? {} : { detail: `the last: ${status.stopping}` };
      return { tone: "busy", text: `${doing} epoch ${status.epoch}${analysing}`, ...last };
    }
    case "analysing":
      return { tone: "busy", text: `training is over${analysing || " · analysing"}` };
    case "inspecting":
      return { tone: "busy", text: `looking into a trained model${analysing}` };
  }
}

/** What the connection is doing, in words. */
export function linkWords(link: Link, hello: Hello | undefined): Words {
  switch (link.state) {
    case "connecting":
      return { tone: "quiet", text: "connecting" };
    case "open":
      if (hello === undefined) return { tone: "quiet", text: "connecting" };
      return hello.live
        ? { tone: "good", text: "live", detail: "connected to the training process" }
        : { tone: "quiet", text: "replay from disk", detail: "the run is read from its folder" };
    case "lost":
      return {
        tone: "bad",
        text: link.refused ? "access expired" : "reconnecting",
        detail: link.refused
          ? "the server no longer accepts this page; open the address that the training printed"
          : `${link.reason || "the server does not answer"}; what is shown stays as it was`,
      };
    case "absent":
      return { tone: "bad", text: "no such run", detail: link.problem ?? "the server does not show it; choose another run" };
    case "report":
      return { tone: "quiet", text: "report", detail: "a file, as the run was when it was written" };
    case "incompatible":
      return { tone: "bad", text: "other version", detail: `the server speaks version ${link.server}` };
  }
}

export function epochName(epoch: number): string {
  return epoch === 0 ? "the untrained model" : `epoch ${epoch}`;
}

/** A time span in the largest fitting unit. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

/** The same where fractions of a second count. */
export function fineDuration(ms: number): string {
  return ms < 9_950 ? `${Number((ms / 1000).toPrecision(2))} s` : duration(ms);
}

/** A number with about four digits, however large or small. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2).replace("e+", "e");
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  return value.toFixed(digits).replace("-", "−");
}

/** A name that the user gave, as it is shown: one without a visible character is called so. */
export function shownName(name: string): string {
  return INVISIBLE.test(name) ? "(no name)" : name;
}

/** Nothing but spaces, control characters, and characters without width or without a picture. */
const INVISIBLE = /^[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Longer names are cut where they are shown, with the whole on hover. */
const LONGEST_NAME = 40;

/** A name that is short enough to stand among others; undefined if it is so already. */
export function shortName(name: string): string | undefined {
  const characters = [...name];
  return characters.length <= LONGEST_NAME ? undefined : `${characters.slice(0, LONGEST_NAME - 1).join("").trimEnd()}…`;
}
