import type { Route } from "../navigation/route.ts";
import { select } from "../navigation/selection.ts";
import type { Model } from "../state/model.ts";
import type { Need } from "./histories.ts";

const CLOCK: readonly Need[] = [{ kind: "settling" }, { kind: "layer_evolution" }];

/** What a view shows of all epochs of the layer that is looked at, or of all layers; the first is read first. */
const NEEDS: { [view: string]: (layer: string, route: Route) => readonly Need[] } = {
  overview: () => [...CLOCK, { kind: "layer_health" }],
  evolution: (layer, { statistic }) => [{ kind: "layer_features", layer }, ...readings(layer, statistic), ...CLOCK],
  settling: () => CLOCK,
  filters: (layer) => [{ kind: "layer_filters", layer }, { kind: "layer_health", layer }],
  health: (layer, { across }) => [across ? { kind: "layer_health" } : { kind: "layer_health", layer }],
  compare: (layer, { epoch }) => needsOfCompared(layer, epoch),
  activations: (layer) => [{ kind: "layer_distributions", layer }],
};

/** The same of each run that is compared. The newest epoch is here without any history. */
export function needsOfCompared(layer: string | undefined, epoch: number | undefined): readonly Need[] {
  if (layer === undefined || epoch === undefined) return CLOCK;
  return [{ kind: "layer_features", layer }, { kind: "layer_filters", layer }, ...CLOCK];
}

function readings(layer: string, statistic: string | undefined): readonly Need[] {
  return statistic === undefined ? [] : [{ kind: "layer_health", layer }];
}

/** What the page needs of earlier epochs for what it shows. */
export function needsOf(model: Model, route: Route): readonly Need[] {
  const { layer } = select(model, route);
  return layer === undefined ? [] : (NEEDS[route.view]?.(layer.name, route) ?? []);
}
