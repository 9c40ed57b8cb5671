import { signal } from "@preact/signals";
import { enlarge } from "../pictures/pointed.ts";
import { store } from "../state/store.ts";
import { openSelectedAlert, stepAlert } from "./alerts.ts";
import { go, route } from "./navigate.ts";
import { step, togglePlay } from "./playback.ts";
import { stepMap, swapEpochs } from "./pictures.ts";
import { enter, VIEWS } from "./route.ts";
import { actOnStudies } from "./study.ts";
import { select, selectableLayers } from "./selection.ts";

export const helpOpen = signal(false);
/** Whether the list of runs is open. */
export const pickerOpen = signal(false);

export const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ["← →", "epoch before, after"],
  ["Home End", "first epoch; newest epoch, moving on with the training"],
  ["↑ ↓", "layer before, after; in Alerts the alert"],
  ["Enter", "Alerts: open the filters or maps that the selected alert is about"],
  ["Space", "play through the epochs, stop"],
  ["v V", "view after, before"],
  ["1 … 9 0", "view by its place in the menu: the first is the Overview"],
  ["r", "Evolution: followed maps, or the strongest of the epoch"],
  ["f b", "Evolution: film strip of one map; beside another epoch; again: all maps"],
  ["m M", "Evolution: next map, map before"],
  ["x", "Evolution, side by side: swap the two epochs"],
  ["c", "Health: one layer, or a statistic compared over all layers"],
  ["g", "Activations, Units, Directions, Embedding, Occlusion: compute now, with the newest weights"],
  ["i I", "Activations, Embedding, Occlusion: next image, image before"],
  ["n N", "Activations, Units, Occlusion: next map, map before"],
  ["s", "Activations: scale; Directions: kind of space; Occlusion: colours"],
  ["t", "Embedding: dots, or the images themselves"],
  ["o", "Occlusion: maps over the image, or alone"],
  ["Esc", "Units: back to all maps. Embedding: let the image go. Occlusion: back to the strongest map; close"],
  ["z", "enlarge the picture under the pointer or with the focus, and read its pixels with the arrow keys"],
  ["p", "choose another run, where the server shows several"],
  ["?", "this sheet"],
];

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isForControl(event)) return;
    if (act(event.key)) event.preventDefault();
  });
}

/** Whether the key belongs to the control that has the focus. */
function isForControl({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog[open]")) return true;
  if (target.matches("select, textarea, input")) return key !== "?";
  return (key === " " || key === "Enter") && target.matches("button, a, summary, [role=button]");
}

/** What moves through the epochs means nothing in the Overview: it shows how things stand now. */
const EPOCH_KEYS = ["ArrowLeft", "ArrowRight", "Home", "End", " "];

function act(key: string): boolean {
  if (route.peek().view === "overview" && EPOCH_KEYS.includes(key)) return false;
  switch (key) {
    case "ArrowLeft":
      step(-1);
      return true;
    case "ArrowRight":
      step(1);
      return true;
    case "Home":
      step(-Infinity);
      return true;
    case "End":
      go({ epoch: undefined });
      return true;
    case "ArrowUp":
      return stepLayer(-1);
    case "ArrowDown":
      return stepLayer(1);
    case " ":
      togglePlay();
      return true;
    case "r":
    case "f":
    case "b":
    case "m":
    case "M":
    case "x":
      return actOnPictures(key);
    case "c":
      if (route.peek().view !== "health") return false;
      go({ across: !route.peek().across });
      return true;
    case "v":
    case "V":
      stepView(key === "v" ? 1 : -1);
      return true;
    case "Enter":
      return openSelectedAlert();
    case "z":
      return enlarge();
    case "p":
      if ((store.runs.peek()?.runs.length ?? 0) < 2) return false;
      pickerOpen.value = true;
      return true;
    case "?":
      helpOpen.value = true;
      return true;
    default: {
      if (!/^\d$/.test(key)) return actOnStudies(store.model, key);
      const view = VIEWS[(Number(key) + 9) % 10];
      if (view === undefined) return false;
      go(enter(view));
      return true;
    }
  }
}

function stepView(by: number): void {
  const at = VIEWS.indexOf(route.peek().view) + by;
  go(enter(VIEWS[(at + VIEWS.length) % VIEWS.length]!));
}

function stepLayer(by: number): boolean {
  const { view } = route.peek();
  if (view === "training" || view === "overview") return false;
  if (view === "alerts") return stepAlert(by);
  const layers = selectableLayers(store.model, view);
  const { layer } = select(store.model, route.peek());
  const next = layers[layers.findIndex(({ name }) => name === layer?.name) + by];
  if (next !== undefined) go({ layer: next.name, map: undefined });
  return true;
}

/** The keys of Evolution. */
function actOnPictures(key: string): boolean {
  const { view, show, rows } = route.peek();
  if (view !== "evolution") return false;
  switch (key) {
    case "r":
      go({ rows: rows === "followed" ? "strongest" : "followed", show: show === "film" ? "grid" : show });
      return true;
    case "f":
      go({ show: show === "film" ? "grid" : "film", rows: "followed" });
      return true;
    case "b":
      go({ show: show === "pair" ? "grid" : "pair" });
      return true;
    case "x":
      return show === "pair" && swapEpochs(store.model);
    default:
      return stepMap(store.model, key === "m" ? 1 : -1);
  }
}
