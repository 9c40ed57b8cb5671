import { batch, effect, signal } from "@preact/signals";
import { VERSION, type RunList } from "../generated/protocol.ts";
import { needsOf } from "../history/needs.ts";
import { go, pin, route } from "../navigation/navigate.ts";
import { showRun, source } from "../source/current.ts";
import { Refused } from "../source/source.ts";
import { connectQuestions, questions } from "../state/asking.ts";
import { Questions } from "../state/questions.ts";
import { newRunState, reset, store } from "../state/store.ts";
import { Feed } from "./feed.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
/** How often the list of runs is looked at, in a tab that is seen: another training may have begun. */
const LIST_EVERY_MS = 15_000;

/** What feeds the page's run. */
export const feed = signal<Feed | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;
let attempts = 0;
/** Goes up with each look at the list: an older answer no longer counts. */
let look = 0;

/** Connects the page's state with the run that the address names, or the first that there is. */
export function connect(): void {
  connectQuestions((message) => feed.peek()?.send(message) ?? false);
  let wanted: string | undefined | null = null;
  effect(() => {
    const { run } = route.value;
    if (run === wanted) return;
    const first = wanted === null;
    wanted = run;
    // Another run by the browser's history or the address bar: the page is the same, the run is not.
    if (first || run !== store.shown.peek()) void choose(run);
  });
  effect(() => {
    const needs = (void store.revision.value, needsOf(store.model, route.value));
    feed.value?.histories.want(needs);
  });
  setInterval(() => (store.now.value = Date.now()), 1000);
  setInterval(() => {
    const open = store.link.peek().state === "open" && document.visibilityState === "visible";
    // If it cannot be had now, the connection says so.
    if (open) refreshRuns().catch(() => undefined);
  }, LIST_EVERY_MS);
}

/** Fetches the list of runs. */
export async function refreshRuns(): Promise<RunList> {
  const list = await source.runs();
  store.runs.value = list;
  return list;
}

/** Shows another run; what is selected in the old one means nothing in it, the view and the layer's name may. */
export function showOther(run: string): void {
  // The first of the server's runs may be another one by the time that somebody comes back here.
  if (route.peek().run === undefined) pin({ run: store.shown.peek() });
  go({ run, epoch: undefined, against: undefined, map: undefined, image: undefined, alert: undefined, only: undefined });
}

/** Finds out whether there is the wanted run, and shows it; without a wish the first that can be read. */
async function choose(wish: string | undefined): Promise<void> {
  clearTimeout(timer);
  const now = ++look;
  let list: RunList;
  try {
    list = await refreshRuns();
  } catch (error) {
    if (now !== look) return;
    attempts += 1;
    const refused = error instanceof Refused;
    store.link.value = { state: "lost", attempts, reason: "", refused };
    again(wish, Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS));
    return;
  }
  if (now !== look) return;
  attempts = 0;
  if (list.version !== VERSION) {
    stop();
    store.link.value = { state: "incompatible", server: list.version };
    return;
  }
  const { run: wanted } = route.peek();
  const run = list.runs.find(({ key }) => key === wish) ?? (wanted === undefined ? list.runs[0] : undefined);
  if (run === undefined || run.problem !== null) {
    stop();
    store.link.value = { state: "absent", run: wanted ?? run?.key, problem: run?.problem ?? undefined };
    again(wish, LONGEST_WAIT_MS);
    return;
  }
  if (run.key !== feed.peek()?.key) show(run.key);
}

function again(wish: string | undefined, wait: number): void {
  timer = setTimeout(() => void choose(wish), wait);
}

function stop(): void {
  feed.peek()?.close();
  feed.value = undefined;
  if (store.shown.peek() === undefined) return;
  batch(() => {
    store.shown.value = undefined;
    store.hello.value = undefined;
    reset(store);
    questions.value = new Questions();
  });
}

function show(key: string): void {
  stop();
  showRun(key);
  store.shown.value = key;
  if (source.report === undefined) store.link.value = { state: "connecting" };
  feed.value = new Feed(source, key, store, {
    status(status) {
      questions.value = questions.peek().seen(status, Date.now());
    },
    answer(answer) {
      questions.value = questions.peek().answered(answer);
    },
    reset() {
      questions.value = new Questions();
    },
    lost() {
      questions.value = questions.peek().disconnected();
      void ask();
    },
  });
}

/** A socket does not say why it was refused; the list of runs does, and whether the run is still there. */
async function ask(): Promise<void> {
  const now = ++look;
  try {
    const list = await refreshRuns();
    const key = store.shown.peek();
    const here = list.version === VERSION && list.runs.some((run) => run.key === key && run.problem === null);
    if (now === look && !here) await choose(key);
  } catch (error) {
    const link = store.link.peek();
    if (now === look && error instanceof Refused && link.state === "lost") store.link.value = { ...link, refused: true };
  }
}

/** Follows a run beside the one that is shown. */
export function followOther(key: string): { run: ReturnType<typeof newRunState>; feed: Feed } {
  const run = newRunState();
  return { run, feed: new Feed(source, key, run) };
}
