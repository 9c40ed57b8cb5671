import { expect, test } from "vitest";
import { Loader } from "./loader.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));
const picture = {} as CanvasImageSource;

function subject() {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const loader = new Loader<CanvasImageSource>((id) => {
    asked.push(id);
    return new Promise((resolve, reject) => {
      waiting.push(() => (id === "broken" ? reject(new Error("404")) : resolve(picture)));
    });
  }, 2);
  const finish = async () => {
    for (const done of waiting.splice(0)) done();
    await tick();
  };
  return { asked, loader, finish };
}

test("loads a picture once for all who want it, and keeps it", async () => {
  const { asked, loader, finish } = subject();
  let calls = 0;
  loader.request("a", () => (calls += 1));
  loader.request("a", () => (calls += 1));
  await tick();
  await finish();
  expect(asked).toEqual(["a"]);
  expect(calls).toBe(2);
  expect(loader.peek("a")).toBe(picture);
});

test("loads few at once, the newest wish first, and never what nobody wants any more", async () => {
  const { asked, loader, finish } = subject();
  const cancels = Array.from({ length: 100 }, (_, i) => loader.request(`p${i}`, () => {}));
  await tick();
  expect(asked).toEqual(["p99", "p98", "p97", "p96", "p95", "p94"]);
  cancels.slice(0, 90).forEach((cancel) => cancel());
  await finish();
  await finish();
  expect(asked).toHaveLength(10);
});

test("says when a picture cannot be had, and tries again when asked again", async () => {
  const { asked, loader, finish } = subject();
  let answer: unknown = "none yet";
  loader.request("broken", (picture) => (answer = picture));
  await tick();
  await finish();
  expect(answer).toBeUndefined();
  loader.request("broken", () => {});
  await tick();
  expect(asked).toEqual(["broken", "broken"]);
});

test("keeps what was used last, as much as it may", async () => {
  const { asked, loader, finish } = subject();
  const load = async (id: string) => {
    loader.request(id, () => {});
    await tick();
    await finish();
  };
  await load("a");
  await load("b");
  expect(loader.peek("a")).toBe(picture);
  await load("c");
  expect(["a", "b", "c"].map((id) => loader.peek(id) !== undefined)).toEqual([true, false, true]);
  const heavy = new Loader(async () => "long", 6, (text) => text.length);
  for (const id of ["a", "b"]) await new Promise((done) => heavy.request(id, done));
  expect([heavy.peek("a"), heavy.peek("b")]).toEqual([undefined, "long"]);
  expect(asked).toHaveLength(3);
});
