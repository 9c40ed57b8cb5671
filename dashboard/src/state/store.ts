import { batch, signal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Hello, RunList, Status } from "../generated/protocol.ts";
import { Model } from "./model.ts";

/** The connection to the server, as the page shows it. */
export type Link =
  | { state: "connecting" }
  | { state: "open" }
  | { state: "lost"; attempts: number; reason: string; refused: boolean }
  | { state: "incompatible"; server: number }
  /** The run that the address names is not among the server's; or it has none; or this one cannot be read. */
  | { state: "absent"; run: string | undefined; problem: string | undefined }
  /** No server: the page is a report. */
  | { state: "report" };

/**
 * What is known of a run. The model is changed in place, because copying it for every record would cost more
 * the longer a run lasts; `revision` goes up after each batch, and views that read it are drawn again.
 */
export interface RunState {
  model: Model;
  revision: Signal<number>;
  status: Signal<Status | undefined>;
  hello: Signal<Hello | undefined>;
  link: Signal<Link>;
}

export function newRunState(): RunState {
  return {
    model: new Model(false),
    revision: signal(0),
    status: signal(undefined),
    hello: signal(undefined),
    link: signal({ state: "connecting" }),
  };
}

/** The page's state: the run that it shows, and what there is besides. */
export const store = {
  ...newRunState(),
  /** The browser's clock, in milliseconds; renewed every few seconds. */
  now: signal(Date.now()),
  /** The runs that there are, once they are known. */
  runs: signal<RunList | undefined>(undefined),
  /** Key of the run that is shown. */
  shown: signal<string | undefined>(undefined),
};

/** The run that components below it show, where it is not the page's. */
export const RunContext = createContext<RunState>(store);

/**
 * The model, for a component that is to be drawn again when it changes. Each component that reads it calls
 * this: handed down, it would look the same as before, and the component would not be drawn again.
 */
export function useModel(): Model {
  const run = useContext(RunContext);
  void run.revision.value;
  return run.model;
}

/**
 * The revision for what is costly to draw: while a long history is read it goes on only a few dozen times.
 */
export function useCalmRevision(): number {
  const run = useContext(RunContext);
  const revision = run.revision.value;
  const head = run.hello.value?.head ?? 0;
  const { seq } = run.model;
  return seq >= head ? revision : -Math.floor((40 * seq) / head) - 1;
}

/** Forgets the run. */
export function reset(run: RunState): void {
  batch(() => {
    run.model = new Model(false);
    run.status.value = undefined;
    run.revision.value += 1;
  });
}
