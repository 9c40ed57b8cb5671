import { signal } from "@preact/signals";
import type { Status, StudySubject } from "../generated/protocol.ts";
import { ask } from "../state/asking.ts";
import type { Model } from "../state/model.ts";
import { go, route } from "./navigate.ts";
import { over } from "./preferences.ts";
import { BASES, type Route, type View } from "./route.ts";
import { select } from "./selection.ts";

/** The study that the page shows or would show: the key `g` asks for it. */
export const studied = signal<StudySubject | undefined>(undefined);

/** The epoch whose weights a study would get if it were asked for now. */
export function newestWeights(model: Model, status: Status | undefined): number | undefined {
  const { states } = model.epochs;
  const known = states.epochs.findLast((epoch) => states.get(epoch)?.kind !== "dropped");
  return status?.analysing == null ? known : Math.max(known ?? 0, status.analysing);
}

/** The probe image that Activations shows: the chosen one, or the first that the layer was studied with. */
export function imageOf(model: Model, layer: string, chosen: number | undefined): number {
  const count = model.run?.probe.atlas.count ?? 0;
  if (chosen !== undefined) return Math.min(chosen, Math.max(0, count - 1));
  const studied = model.studies.among("activations", layer).map(({ image }) => image);
  return studied.length === 0 ? 0 : Math.min(...studied);
}

/** What a key does in a view of studies; `false`: nothing. */
type Act = (model: Model, key: string, route: Route) => boolean;

const ACTS: { [view in View]?: Act } = {
  activations: actOnActivations,
  units: actOnUnits,
  directions: actOnDirections,
  embedding: actOnEmbedding,
  occlusion: actOnOcclusion,
};

export function actOnStudies(model: Model, key: string): boolean {
  if (key === "g") {
    const subject = studied.peek();
    if (subject !== undefined) ask(subject);
    return subject !== undefined;
  }
  return ACTS[route.peek().view]?.(model, key, route.peek()) ?? false;
}

function actOnActivations(model: Model, key: string, { image, shared }: Route): boolean {
  switch (key) {
    case "i":
    case "I": {
      const count = model.run?.probe.atlas.count ?? 0;
      const layer = select(model, route.peek()).layer?.name ?? "";
      const next = imageOf(model, layer, image) + (key === "i" ? 1 : -1);
      if (next >= 0 && next < count) go({ image: next });
      return true;
    }
    case "s":
      go({ shared: !shared });
      return true;
    default:
      return stepUnit(model, key);
  }
}

function actOnUnits(model: Model, key: string, { map }: Route): boolean {
  if (key !== "Escape") return stepUnit(model, key);
  if (map === undefined) return false;
  go({ map: undefined });
  return true;
}

function actOnDirections(_: Model, key: string, { basis }: Route): boolean {
  if (key !== "s") return false;
  go({ basis: BASES[(BASES.indexOf(basis) + 1) % BASES.length]! });
  return true;
}

function actOnEmbedding(model: Model, key: string, { image, points }: Route): boolean {
  switch (key) {
    case "t":
      go({ points: points === "dots" ? "pictures" : "dots" });
      return true;
    case "i":
    case "I": {
      const count = model.run?.probe.atlas.count ?? 0;
      const next = image === undefined ? 0 : image + (key === "i" ? 1 : -1);
      if (next >= 0 && next < count) go({ image: next });
      return true;
    }
    case "Escape":
      if (image === undefined) return false;
      go({ image: undefined });
      return true;
    default:
      return false;
  }
}

/** The probe image that Occlusion shows: the chosen one, or the first that was studied. */
export function coveredImage(model: Model, chosen: number | undefined): number {
  const last = Math.max(0, (model.run?.probe.atlas.count ?? 0) - 1);
  if (chosen !== undefined) return Math.min(chosen, last);
  const studied = model.studies.every("occlusion").map(({ image }) => image);
  return studied.length === 0 ? 0 : Math.min(...studied);
}

function actOnOcclusion(model: Model, key: string, { image, fitted }: Route): boolean {
  switch (key) {
    case "i":
    case "I": {
      const next = coveredImage(model, image) + (key === "i" ? 1 : -1);
      if (next >= 0 && next < (model.run?.probe.atlas.count ?? 0)) go({ image: next, target: undefined });
      return true;
    }
    case "o":
      over.value = !over.peek();
      return true;
    case "s":
      go({ fitted: !fitted });
      return true;
    default:
      return actOnUnits(model, key, route.peek());
  }
}

/** `n` and `N`: the next feature map, the one before. */
function stepUnit(model: Model, key: string): boolean {
  if (key !== "n" && key !== "N") return false;
  const { map } = route.peek();
  const maps = select(model, route.peek()).layer?.shape[0] ?? 0;
  const next = map === undefined ? 0 : map + (key === "n" ? 1 : -1);
  if (next >= 0 && next < maps) go({ map: next });
  return true;
}
