import { latestBad, type Episode } from "../state/alerts.ts";
import type { Model } from "../state/model.ts";
import { store } from "../state/store.ts";
import { go, route } from "./navigate.ts";
import type { Route } from "./route.ts";

/**
 * Where the thing that an alert is about can be seen: its filters, its reading, or a metric of the training; what is
 * wrong with the whole network is told by the alert itself.
 */
export function target(model: Model, episode: Episode): Partial<Route> & { view: Route["view"] } {
  const { layer, metric } = episode;
  const { epoch, units } = latestBad(episode);
  const common = { epoch, statistic: metric, only: undefined, across: false, map: units.length === 1 ? units[0] : undefined };
  const subject = model.watched?.statistic(metric)?.subject;
  if (subject === "network") return { ...common, view: "alerts", statistic: undefined, alert: episode.id };
  if (layer === null) return { ...common, view: "training" };
  const filters = subject === "filters" && model.filters.of(layer) !== undefined;
  return { ...common, view: filters ? "filters" : "health", layer };
}

/** The alerts in the order in which the page lists them. */
export function listed(model: Model): Episode[] {
  return [...model.alerts.active, ...model.alerts.resolved];
}

export function stepAlert(by: number): boolean {
  const episodes = listed(store.model);
  const at = episodes.findIndex(({ id }) => id === route.peek().alert);
  const next = at < 0 ? episodes[by > 0 ? 0 : episodes.length - 1] : episodes[at + by];
  if (next !== undefined) go({ alert: next.id });
  return episodes.length > 0;
}

export function openSelectedAlert(): boolean {
  const { view, alert } = route.peek();
  const episode = listed(store.model).find(({ id }) => id === alert);
  if (view !== "alerts" || episode === undefined) return false;
  go(target(store.model, episode));
  return true;
}
