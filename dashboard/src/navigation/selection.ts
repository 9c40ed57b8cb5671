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
  const layer =
    layers.find(({ name }) => name === route.layer) ?? layers.find((each) => isSelectable(model, route.view, each)) ?? layers[0];
  const epochs = selectableEpochs(model, route.view, layer);
  const newest = route.epoch === undefined;
  const epoch = newest ? newestEpoch(model, route.view, layer, epochs) : nearest(epochs, route.epoch!);
  return { layer, epochs, epoch, newest };
}

/** Whether there is, or will be, something of the layer in a view. */
export function isSelectable(model: Model, view: View, layer: Layer): boolean {
  if (layer.status.status === "supported") return true;
  return recorded(model, view, layer) !== undefined;
}

/**
 * The layers in the order in which a view lists them: as the network computes them, in Filters the ones
 * that see the image in front. An unsupported one can be chosen in Evolution: it says why.
 */
export function selectableLayers(model: Model, view: View): Layer[] {
  const layers = model.run?.layers ?? [];
  if (view === "evolution") return layers;
  const good = layers.filter((layer) => isSelectable(model, view, layer));
  if (view !== "filters") return good;
  return [...good.filter(({ first }) => first), ...good.filter(({ first }) => !first)];
}

/** The epochs of which a view has something of the layer. */
function recorded(model: Model, view: View, layer: Layer | undefined): readonly number[] | undefined {
  if (layer === undefined) return undefined;
  if (view === "filters") return model.filters.of(layer.name)?.epochs;
  if (view === "settling") return model.changes.of(layer.name)?.epochs;
  if (view === "health") return model.health.of(layer.name)?.epochs;
  return model.features.of(layer.name)?.epochs;
}

function selectableEpochs(model: Model, view: View, layer: Layer | undefined): readonly number[] {
  return view === "filters" ? (recorded(model, view, layer) ?? []) : model.epochs.states.epochs;
}

/** The newest epoch in which there is something of the layer; a dropped or unfinished one has nothing to show yet. */
function newestEpoch(model: Model, view: View, layer: Layer | undefined, epochs: readonly number[]) {
  return recorded(model, view, layer)?.at(-1) ?? epochs.at(-1);
}

/** The epoch next to the wanted one. */
export function nearest(epochs: readonly number[], wanted: number): number | undefined {
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
