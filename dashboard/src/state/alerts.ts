import type { Alert, Severity, Silence } from "../generated/protocol.ts";

/** Mildest first. */
export const SEVERITIES: readonly Severity[] = ["info", "warning", "critical"];

/** An alert from beginning to end. */
export interface Episode {
  /** Unique in the run; it goes into the address. */
  id: string;
  rule: string;
  layer: string | null;
  metric: string;
  /** The epoch in which it was raised. */
  since: number;
  /** Everything that was said of it, oldest first. */
  events: Alert[];
  /** The epoch in which it ended; undefined: it is active. */
  end: number | undefined;
}

/** What an alert was for some epochs. */
export interface Stretch {
  from: number;
  /** The first epoch in which it was something else; undefined: it still goes on. */
  to: number | undefined;
  severity: Severity;
}

/** All alerts of a run. */
export class Alerts {
  /** In the order in which they were raised. */
  episodes: Episode[] = [];
  /** The newest alert that was raised, and the record that said so. */
  raised: { seq: number; alert: Alert } | undefined;
  private continued = false;
  /** What was last said of each rule and layer: whether it is silenced. */
  private readonly silences = new Map<string, boolean>();

  apply(seq: number, alert: Alert): void {
    if (alert.state === "raised") this.raised = { seq, alert };
    let episode = this.episodes.findLast((each) => each.end === undefined && isSame(each, alert));
    if (episode === undefined) {
      // What was raised in epochs that were left ends, and is not here.
      if (alert.state === "resolved" && this.continued) return;
      const { rule, layer, metric, since } = alert;
      episode = { id: [since, rule, layer ?? metric].join("~"), rule, layer, metric, since, events: [], end: undefined };
      this.episodes = [...this.episodes.filter(({ id }) => id !== episode!.id), episode];
    }
    episode.events.push(alert);
    if (alert.state === "resolved") episode.end = alert.epoch;
  }

  /** Somebody silenced an alert, or let it be heard again. It holds for the alerts to come, and over restarts. */
  silence({ rule, layer, silenced }: Silence): void {
    this.silences.set(silenceKey(rule, layer), silenced);
  }

  isSilenced(episode: Pick<Episode, "rule" | "layer" | "events">): boolean {
    return this.silences.get(silenceKey(episode.rule, episode.layer)) ?? episode.events.at(-1)?.silenced ?? false;
  }

  /** The run was continued from an earlier epoch: alerts stand as they stood then. */
  leave(from: number): void {
    this.continued = true;
    if ((this.raised?.alert.epoch ?? -1) >= from) this.raised = undefined;
    this.episodes = this.episodes.flatMap((episode) => {
      const events = episode.events.filter(({ epoch }) => epoch < from);
      const last = events.at(-1);
      return last === undefined ? [] : [{ ...episode, events, end: last.state === "resolved" ? last.epoch : undefined }];
    });
  }

  /** What is the matter now, worst and newest first, silenced ones last. */
  get active(): Episode[] {
    const rank = (episode: Episode): number => SEVERITIES.indexOf(latest(episode).severity) - (this.isSilenced(episode) ? SEVERITIES.length : 0);
    return this.episodes.filter(({ end }) => end === undefined).sort((a, b) => rank(b) - rank(a) || b.since - a.since);
  }

  /** What is the matter now and is not silenced: only this is counted, announced and marked. */
  get heard(): Episode[] {
    return this.active.filter((episode) => !this.isSilenced(episode));
  }

  /** What is over, the last to end first. */
  get resolved(): Episode[] {
    return this.episodes.filter(({ end }) => end !== undefined).sort((a, b) => b.end! - a.end!);
  }

  /** The worst severity of the alerts that are heard, of one layer or of all. */
  worst(layer?: string): Severity | undefined {
    return this.heard.find((episode) => layer === undefined || episode.layer === layer)?.events.at(-1)?.severity;
  }

  /** The alerts about a statistic of a layer. */
  about(metric: string, layer: string): Episode[] {
    return this.episodes.filter((episode) => episode.metric === metric && episode.layer === layer);
  }
}

function silenceKey(rule: string, layer: string | null): string {
  return JSON.stringify([rule, layer]);
}

/** There is one alert at a time for a rule and a layer, or a metric of the training. */
function isSame(episode: Episode, { rule, layer, metric }: Alert): boolean {
  return episode.rule === rule && episode.layer === layer && (layer !== null || episode.metric === metric);
}

/** What was last said of an alert. */
export function latest({ events }: Episode): Alert {
  return events[events.length - 1]!;
}

/** What was last said of it while it went on. */
export function latestBad({ events }: Episode): Alert {
  return events.findLast(({ state }) => state !== "resolved") ?? events[0]!;
}

/** How bad an alert is or, if it is over, was at its worst. */
export function shownSeverity(episode: Episode): Severity {
  if (episode.end === undefined) return latestBad(episode).severity;
  return SEVERITIES[Math.max(...episode.events.map(({ severity }) => SEVERITIES.indexOf(severity)))] ?? "info";
}

/** The severities that an alert went through. */
export function stretches({ events, end }: Episode): Stretch[] {
  const result: Stretch[] = [];
  for (const { epoch, state, severity } of events) {
    const last = result[result.length - 1];
    if (state === "resolved" && last !== undefined) continue;
    if (last?.severity === severity) continue;
    if (last !== undefined) last.to = epoch;
    if (last?.from === epoch) result.pop();
    result.push({ from: epoch, to: end, severity });
  }
  return result;
}
