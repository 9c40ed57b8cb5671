import { stretches, type Episode } from "../../state/alerts.ts";
import type { Model } from "../../state/model.ts";
import { count } from "../../state/value.ts";

/** "since epoch 6, for 3 epochs", "epoch 6 to 9". */
export function when(model: Model, { since, end }: Episode): string {
  if (end !== undefined) return `epoch ${since} to ${end}`;
  const epochs = model.newestEpoch - since + 1;
  return epochs > 1 ? `since epoch ${since}, for ${count(epochs, "epoch")}` : `since epoch ${since}`;
}

/** What an alert is about: a layer, a metric of the training, or the network as a whole. */
export function subjectOf(model: Model, { layer, metric }: Pick<Episode, "layer" | "metric">): string {
  return layer ?? (model.watched?.statistic(metric)?.subject === "network" ? "the network" : metric);
}

/** An alert in a sentence. */
export function sentence(model: Model, episode: Episode): string {
  const rule = model.watched?.rule(episode.rule)?.title ?? episode.rule;
  const course = stretches(episode).map(({ from, severity }, at) => `${severity}${at === 0 ? "" : ` from epoch ${from}`}`);
  const end = episode.end === undefined ? "it goes on" : `over in epoch ${episode.end}`;
  return `${subjectOf(model, episode)}: ${rule}, raised in epoch ${episode.since}, ${course.join(", ")}; ${end}`;
}
