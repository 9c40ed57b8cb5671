import { serve } from "../mock/server.mjs";
import { Timeline } from "../mock/timeline.mjs";
import { check, equal, open, until } from "./page.mjs";

export async function live_epochs_appear_by_themselves({ browser, start }) {
  const server = await start({ epochs: 6, past: 1, interval: 600 });
  const { page, errors, close } = await open(browser, server, { hash: "#evolution" });
  await until(async () => (await page.textContent(".epoch-name").catch(() => "")) === "epoch 4", "epoch 4");
  await until(async () => (await page.textContent(".state")) === "finished", "the end");
  equal(await page.textContent(".epoch-name"), "epoch 6", "the newest epoch");
  equal(errors, [], "errors on the page");
  await close();
}

export async function resumes_after_the_server_vanished_without_repetition({ browser, start }) {
  const first = await start({ faults: true });
  const { page, close } = await open(browser, first, { hash: "#training" });
  await page.waitForSelector(".charts");
  const { timeline, port } = first;
  const seen = timeline.records.length;
  const faults = await page.textContent(".counts button");
  await first.close();
  await until(async () => (await page.textContent(".pill")) === "reconnecting", "it notices");
  check(await page.locator(".charts").isVisible(), "what was there stays");
  timeline.record({ kind: "fault", part: "store", message: "while nobody looked", epoch: null });
  const second = await serve(timeline, { port });
  try {
    await until(async () => (await page.textContent(".pill")) === "live", "it is back");
    await until(async () => (await page.textContent(".counts button")) !== faults, "the new record");
    equal(second.asked.sockets, [seen], "asked for what it did not have");
    equal(parseInt(await page.textContent(".counts button")), parseInt(faults) + 1, "nothing counted twice");
  } finally {
    await close();
    await second.close();
  }
}

export async function another_run_at_the_same_address_starts_the_page_anew({ browser, start }) {
  const first = await start();
  const { page, close } = await open(browser, first, { hash: "#training" });
  await until(async () => (await page.textContent(".table-box td").catch(() => "")) === "12", "12 epochs");
  await first.close();
  const timeline = new Timeline({ ...first.timeline.options, runId: "run-b", epochs: 3, past: 3 });
  await timeline.play();
  const second = await serve(timeline, { port: first.port });
  try {
    await until(async () => (await page.textContent(".run-facts").catch(() => "")).includes("run-b"), "the new run");
    await until(async () => (await page.textContent(".table-box td")) === "3", "3 epochs, not 12");
  } finally {
    await close();
    await second.close();
  }
}

export async function a_killed_run_is_told_from_a_quiet_one({ browser, start }) {
  const server = await start({ epochs: 12, past: 4, killed: 5 }, { live: false });
  const { page, close } = await open(browser, server);
  await until(async () => (await page.textContent(".state")).includes("no sign of life for 2 min"), "the words");
  await until(async () => (await page.textContent(".state")).includes("killed or lost"), "no explanation");
  equal(await page.textContent(".pill"), "replay from disk", "connection");
  await close();
}

export async function states_without_a_run_say_what_to_do({ browser, start }) {
  const waiting = await start({ waits: true });
  const one = await open(browser, waiting);
  await until(async () => (await one.page.textContent("main")).includes("has not started yet"), "waiting");
  waiting.timeline.now({ state: "ended" });
  await until(async () => (await one.page.textContent("main")).includes("ended before it began"), "refused");
  await one.close();
  const other = await start({}, { version: 99 });
  const two = await open(browser, other);
  await until(async () => (await two.page.textContent("main")).includes("do not fit together"), "other version");
  await two.page.waitForTimeout(1200);
  equal(other.asked.sockets.length, 0, "it asks for nothing more");
  await two.close();
}

export async function storage_that_is_forbidden_does_no_harm({ browser, start }) {
  const server = await start();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  });
  await page.goto(server.door);
  await page.waitForSelector(".panels");
  await context.close();
}
