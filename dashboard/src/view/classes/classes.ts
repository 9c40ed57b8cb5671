import type { Probe } from "../../generated/protocol.ts";
import { classNameOf } from "../../state/outputs.ts";

/** A class of the probe images. */
export interface ImageClass {
  label: number;
  name: string;
  /** How many probe images are of it. */
  count: number;
}

/** The classes that probe images are of, by number; none without labels. */
export function classesOf({ labels, class_names }: Probe): ImageClass[] {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([label, count]) => ({ label, name: classNameOf(class_names, label), count }));
}
