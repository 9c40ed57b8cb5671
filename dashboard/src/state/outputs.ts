import type { OccludedPrediction, Output, RunStarted } from "../generated/protocol.ts";
import { shownName } from "./words.ts";

/** How the numbers that a model puts out are spoken of: as classes only where they are known to be. */
export interface Outputs {
  /** One of them. */
  thing: "class" | "output";
  /** What is read of one. */
  quantity: "probability" | "softmax share" | "value";
  /** How many there are to choose from. */
  count: number;
  /** Why they are spoken of so; undefined: it was not recorded. */
  reason: string | undefined;
  nameOf: (number: number) => string;
}

export function outputsOf(run: Pick<RunStarted, "output" | "probe"> | undefined): Outputs {
  const { class_names = [], labels = [] } = run?.probe ?? {};
  const output = run?.output;
  const known = Math.max(class_names.length, ...labels.map((label) => label + 1), 0);
  const className = (label: number): string => classNameOf(class_names, label);
  const [thing, reason] = [output === undefined ? (known > 0 ? "class" : "output") : output.meaning === "numbers" ? "output" : "class", output?.reason] as const;
  if (thing === "class") {
    const count = output?.meaning === "binary" ? 2 : Math.max(known, output?.count ?? 0);
    return { thing, quantity: "probability", count, reason, nameOf: className };
  }
  const names = output?.names ?? [];
  const nameOf = (number: number): string => (names[number] === undefined ? `output ${number}` : shownName(names[number]));
  // Before this was recorded, the softmax was taken of every output.
  return { thing, quantity: output === undefined ? "softmax share" : "value", count: output?.count ?? 0, reason, nameOf };
}

/** "10 classes": what the model puts out for an image. */
export function outputWords({ meaning, count }: Output): string {
  if (meaning === "binary") return "two classes by one number";
  if (count === null) return "no row of numbers";
  return meaning === "classes" ? `${count} classes` : count === 1 ? "one number" : `${count} numbers`;
}

/** A class's name, or its number where it has none. */
export function classNameOf(names: readonly string[], label: number): string {
  const name = names[label];
  return name === undefined ? `class ${label}` : shownName(name);
}

/** What a recorded prediction is: a probability, or a number that is none. */
export function quantityOf({ quantity }: Pick<OccludedPrediction, "quantity">, outputs: Outputs): Outputs["quantity"] {
  return quantity === "number" ? "value" : outputs.quantity === "value" ? "softmax share" : outputs.quantity;
}
