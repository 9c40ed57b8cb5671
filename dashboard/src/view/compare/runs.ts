import { useEffect, useRef, useState } from "preact/hooks";
import { feed, followOther } from "../../connection/live.ts";
import type { Feed } from "../../connection/feed.ts";
import { needsOfCompared } from "../../history/needs.ts";
import type { Histories } from "../../history/histories.ts";
import { runName } from "../runs/summary.ts";
import { store, type RunState } from "../../state/store.ts";

/** More cannot be told apart in a chart, and do not fit side by side. */
export const MOST_RUNS = 4;

/** How each run is drawn in all charts: by colour and by the dashes of its line. */
export const LOOKS: readonly { colour: string; dash: number[]; border: string }[] = [
  { colour: "class-0", dash: [], border: "solid" },
  { colour: "class-1", dash: [9, 4], border: "dashed" },
  { colour: "class-5", dash: [2, 4], border: "dotted" },
  { colour: "class-3", dash: [11, 4, 2, 4], border: "double" },
];

/** A run in the comparison. */
export interface Compared {
  key: string;
  /** As the user called it; runs of the same name have their keys added. */
  name: string;
  look: (typeof LOOKS)[number];
  run: RunState;
  histories: Histories;
}

interface Other {
  key: string;
  run: RunState;
  feed: Feed;
}

/** The runs of the comparison, the shown one first; the others are followed for as long as they are compared. */
export function useCompared(keys: readonly string[]): Compared[] {
  const followed = useRef<readonly Other[]>([]);
  const [others, setOthers] = useState<readonly Other[]>([]);
  useEffect(() => {
    const old = followed.current;
    followed.current = keys.map((key) => old.find((other) => other.key === key) ?? { key, ...followOther(key) });
    for (const other of old) if (!keys.includes(other.key)) other.feed.close();
    setOthers(followed.current);
  }, [keys.join("\n")]);
  useEffect(() => () => followed.current.forEach((other) => other.feed.close()), []);
  const mine = feed.value;
  const shown: readonly Other[] = mine === undefined ? [] : [{ key: mine.key, run: store, feed: mine }];
  const all = [...shown, ...others.filter(({ key }) => keys.includes(key))];
  const names = all.map(({ key, run }) => nameOf(key, run));
  return all.map(({ key, run, feed }, at) => {
    const name = names.filter((each) => each === names[at]).length > 1 ? `${names[at]} (${key.slice(0, 8)})` : names[at]!;
    return { key, name, look: LOOKS[at % LOOKS.length]!, run, histories: feed.histories };
  });
}

/** Reads what the comparison shows of the other runs' earlier epochs. */
export function useComparedHistories(runs: readonly Compared[], layer: string | undefined, epoch: number | undefined): void {
  useEffect(() => {
    for (const { run, histories } of runs) {
      if (run !== store && run.model.run !== undefined) histories.want(needsOfCompared(layer, epoch));
    }
  });
}

function nameOf(key: string, run: RunState): string {
  void run.revision.value;
  const known = store.runs.value?.runs.find((each) => each.key === key);
  if (known?.branch !== undefined) return runName(known);
  return run.model.run?.name ?? known?.name ?? key;
}
