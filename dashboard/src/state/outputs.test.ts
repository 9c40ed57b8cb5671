import { expect, test } from "vitest";
import type { Output, Probe } from "../generated/protocol.ts";
import { outputsOf, quantityOf } from "./outputs.ts";
import { shortName, shownName } from "./words.ts";

const atlas = { image: "", tile_height: 1, tile_width: 1, columns: 1, count: 0 };
const run = (output: Partial<Output> | undefined, probe: Partial<Probe> = {}) => ({
  probe: { atlas, labels: [], class_names: [], ...probe },
  ...(output && { output: { meaning: "numbers" as const, count: 20, names: [], reason: "r", ...output } }),
});

test("a class is spoken of only where it was recorded as one", () => {
  expect(outputsOf(run({}))).toMatchObject({ thing: "output", quantity: "value", count: 20, reason: "r" });
  expect(outputsOf(run({})).nameOf(7)).toBe("output 7");
  expect(outputsOf(run({ names: ["x", " "] })).nameOf(1)).toBe("(no name)");
  // Names of what the images are of are not those of numbers.
  expect(outputsOf(run({}, { class_names: ["cat", "dog"], labels: [0, 1] })).nameOf(0)).toBe("output 0");
  const binary = outputsOf(run({ meaning: "binary", count: 1 }, { class_names: ["cat", ""] }));
  expect([binary.thing, binary.quantity, binary.count, binary.nameOf(0), binary.nameOf(1)]).toEqual(["class", "probability", 2, "cat", "(no name)"]);
  expect(outputsOf(run({ meaning: "classes", count: 3 })).nameOf(2)).toBe("class 2");
});

test("older records are classes if anything said so, and else a softmax of something", () => {
  expect(outputsOf(run(undefined, { labels: [0, 4] }))).toMatchObject({ thing: "class", quantity: "probability", count: 5 });
  const unknown = outputsOf(run(undefined));
  expect([unknown.thing, unknown.quantity, unknown.nameOf(7)]).toEqual(["output", "softmax share", "output 7"]);
  expect(quantityOf({}, unknown)).toBe("softmax share");
  expect(quantityOf({ quantity: "number" }, unknown)).toBe("value");
  expect(quantityOf({}, outputsOf(run({})))).toBe("softmax share");
});

test("names are cut by characters", () => {
  expect(shortName("x".repeat(40))).toBeUndefined();
  expect(shortName("🦀".repeat(41))).toBe(`${"🦀".repeat(39)}…`);
});

test("a name without a visible character is called so", () => {
  for (const name of ["", " ", "\u00a0", "\u0000", "\u200b\u2060", "\u3164", "\u2800", "\ufeff"]) expect(shownName(name)).toBe("(no name)");
  for (const name of ["0", "–", "é", "猫"]) expect(shownName(name)).toBe(name);
});
