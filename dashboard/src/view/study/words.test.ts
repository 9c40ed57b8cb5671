import { expect, test } from "vitest";
import { leftOutWords } from "./words.ts";

test("what there was no time left for is told, with what helps", () => {
  const ended = { outcome: "finished", reason: null } as const;
  expect(leftOutWords(ended)).toBeUndefined();
  expect(leftOutWords({ ...ended, studies_left_out: 1 })).toContain("no time left for 1 scheduled study.");
  expect(leftOutWords({ ...ended, studies_left_out: 12 })).toMatch(/12 scheduled studies\. .*\.patience/);
});
