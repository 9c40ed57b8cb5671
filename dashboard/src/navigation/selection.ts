import type { Layer } from "../generated/protocol.ts";
import type { Model } from "../state/model.ts";
import type { Route, View } from "./route.ts";

/** What is selected, after the route's blanks are filled in from what there is. */
export interface Selection {
  layer: Layer | undefined;
  /** All epochs that can be selected. */
  epochs: readonly number[];
  epoch: number | undefined;
  /** Whether the selection moves on with the training. */
  newest: boolean;
}

export function select(model: Model, route: Route): Selection {
  const layers = selectableLayers(model, route.view);
  const layer = layers.find(({ name }) => name === route.layer) ?? layers[0];
  const epochs = selectableEpochs(model, route.view, layer);
  const newest = route.epoch === undefined;
  const epoch = newest ? newestEpoch(model, route.view, layer, epochs) : nearest(epochs, route.epoch!);
  return { layer, epochs, epoch, newest };
}

export function isSelectable(model: Model, view: View, layer: Layer): boolean {
  if (layer.status.status === "unsupported") return false;
  return view !== "filters" || layer.first || model.filters.of(layer.name) !== undefined;
}

/** The layers that a view can show. An unsupported one can be chosen in Evolution: it says why. */
export function selectableLayers(model: Model, view: View): Layer[] {
  const layers = model.run?.layers ?? [];
  const good = layers.filter((layer) => isSelectable(model, view, layer));
  return view === "filters" ? good : [...good, ...layers.filter((layer) => !good.includes(layer))];
}

function selectableEpochs(model: Model, view: View, layer: Layer | undefined): readonly number[] {
  if (view === "filters") return (layer && model.filters.of(layer.name)?.byEpoch.epochs) ?? [];
  return model.epochs.states.epochs;
}

/** The newest epoch with pictures of the layer; a dropped or unfinished one has nothing to show yet. */
function newestEpoch(model: Model, view: View, layer: Layer | undefined, epochs: readonly number[]) {
  const pictured = view === "evolution" && layer ? model.features.of(layer.name)?.epochs : undefined;
  return pictured?.[pictured.length - 1] ?? epochs[epochs.length - 1];
}

function nearest(epochs: readonly number[], wanted: number): number | undefined {
  let best: number | undefined;
  for (const epoch of epochs) {
    if (best === undefined || Math.abs(epoch - wanted) < Math.abs(best - wanted)) best = epoch;
  }
  return best;
}

/** The epoch `steps` further on; past the last one: `undefined`, which follows the training. */
export function stepped({ epochs, epoch }: Selection, steps: number): number | undefined {
  if (epoch === undefined) return undefined;
  const at = Math.max(0, epochs.indexOf(epoch) + steps);
  return at >= epochs.length - 1 ? undefined : epochs[at];
}
