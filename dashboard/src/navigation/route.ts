import type { Basis, Fill } from "../generated/protocol.ts";

/** What can be put into the square of an occlusion. */
export const FILLS: readonly Fill[] = ["grey", "mean", "blur"];

/** In the order of the menu; `view/menu.tsx` groups them. From `activations` on they show studies, on schedule or on request. */
export const VIEWS = [
  "overview",
  "alerts",
  "training",
  "evolution",
  "settling",
  "filters",
  "health",
  "activations",
  "units",
  "directions",
  "embedding",
  "occlusion",
  "compare",
] as const;
export type View = (typeof VIEWS)[number];

/** In the order in which they are explained. */
export const BASES: readonly Basis[] = ["raw", "standardised", "whitened"];

/** What the page shows; all of it is in the URL's hash. */
export interface Route {
  /** Key of the run; undefined: the first that the server shows. */
  run: string | undefined;
  /** Compare: keys of the runs that the shown one is compared with. */
  with: readonly string[];
  view: View;
  /** Layer by name; undefined: the first that can be shown. */
  layer: string | undefined;
  /** Epoch; undefined: always the newest. */
  epoch: number | undefined;
  /** Evolution: the same feature maps in every epoch, or the strongest ones of the epoch. */
  rows: "followed" | "strongest";
  /** Evolution: maps by epochs, one followed map through the epochs, or two epochs side by side. */
  show: "grid" | "film" | "pair";
  /** Evolution, side by side: the epoch that the selected one is compared with; undefined: the first. */
  against: number | undefined;
  /** Settling: the quantity that the clock shows. */
  quantity: string | undefined;
  /** Evolution: feature map of the selected row. Filters, Activations: the highlighted one. Units: the one whose page it is.
   * Occlusion: the one that is covered, instead of the strongest. */
  map: number | undefined;
  /** The statistic that is looked at; the filters and maps that it found are ringed. */
  statistic: string | undefined;
  /** Filters: only those in this state, or only those that the statistic `found`. Activations, Units: only such maps.
   * Embedding: only the class of this number stands out. */
  only: string | undefined;
  /** Activations, Embedding, Occlusion: the probe image. */
  image: number | undefined;
  /** Activations: whether all maps have one scale, so that they can be compared. */
  shared: boolean;
  /** Activations, Units: the order of the maps. */
  sort: string | undefined;
  /** Directions: the space in which they are drawn. */
  basis: Basis;
  /** Embedding: how the images are drawn. */
  points: "dots" | "pictures";
  /** Occlusion: the class whose probability is mapped; undefined: the image's own. */
  target: number | undefined;
  /** Occlusion: side and step of the square in pixels; undefined: chosen by the image. */
  square: number | undefined;
  stride: number | undefined;
  fill: Fill;
  /** Occlusion: whether colours span only what was read, instead of all from 0. */
  fitted: boolean;
  /** Health: the statistic in all layers side by side. */
  across: boolean;
  /** Alerts: the selected one. */
  alert: string | undefined;
}

/** What another view is entered with: what only the one before it understands is left behind. */
export function enter(view: View): Partial<Route> {
  return { view, map: undefined, only: undefined, sort: undefined };
}

export function parseRoute(hash: string): Route {
  const [path, query] = hash.replace(/^#\/?/, "").split("?", 2);
  const search = new URLSearchParams(query);
  const show = (["film", "pair"] as const).find((each) => each === search.get("show")) ?? "grid";
  return {
    run: search.get("run") ?? undefined,
    with: (search.get("with") ?? "").split(",").filter((key) => key !== ""),
    view: VIEWS.find((view) => view === path) ?? "overview",
    layer: search.get("layer") ?? undefined,
    epoch: whole(search.get("epoch")),
    rows: search.get("rows") === "strongest" && show !== "film" ? "strongest" : "followed",
    show,
    against: whole(search.get("against")),
    quantity: search.get("quantity") ?? undefined,
    map: whole(search.get("map")),
    statistic: search.get("statistic") ?? undefined,
    only: search.get("only") ?? undefined,
    image: whole(search.get("image")),
    shared: search.get("scale") === "shared",
    sort: search.get("sort") ?? undefined,
    basis: BASES.find((basis) => basis === search.get("basis")) ?? "raw",
    points: search.get("points") === "pictures" ? "pictures" : "dots",
    target: whole(search.get("class")),
    square: whole(search.get("square")),
    stride: whole(search.get("stride")),
    fill: FILLS.find((fill) => fill === search.get("fill")) ?? "grey",
    fitted: search.get("colours") === "fitted",
    across: search.get("layers") === "all",
    alert: search.get("alert") ?? undefined,
  };
}

export function formatRoute(route: Route): string {
  const search = new URLSearchParams();
  if (route.run !== undefined) search.set("run", route.run);
  if (route.with.length > 0) search.set("with", route.with.join());
  if (route.layer !== undefined) search.set("layer", route.layer);
  if (route.epoch !== undefined) search.set("epoch", String(route.epoch));
  if (route.rows !== "followed") search.set("rows", route.rows);
  if (route.show !== "grid") search.set("show", route.show);
  if (route.against !== undefined) search.set("against", String(route.against));
  if (route.quantity !== undefined) search.set("quantity", route.quantity);
  if (route.map !== undefined) search.set("map", String(route.map));
  if (route.statistic !== undefined) search.set("statistic", route.statistic);
  if (route.only !== undefined) search.set("only", route.only);
  if (route.image !== undefined) search.set("image", String(route.image));
  if (route.shared) search.set("scale", "shared");
  if (route.sort !== undefined) search.set("sort", route.sort);
  if (route.basis !== "raw") search.set("basis", route.basis);
  if (route.points !== "dots") search.set("points", route.points);
  if (route.target !== undefined) search.set("class", String(route.target));
  if (route.square !== undefined) search.set("square", String(route.square));
  if (route.stride !== undefined) search.set("stride", String(route.stride));
  if (route.fill !== "grey") search.set("fill", route.fill);
  if (route.fitted) search.set("colours", "fitted");
  if (route.across) search.set("layers", "all");
  if (route.alert !== undefined) search.set("alert", route.alert);
  const query = search.toString();
  return `#${route.view}${query === "" ? "" : `?${query}`}`;
}

function whole(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
