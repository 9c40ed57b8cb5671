import { serve } from "../mock/server.mjs";
import { Timeline } from "../mock/timeline.mjs";
import { check, equal, open, says, turns } from "./page.mjs";

export async function live_epochs_appear_by_themselves({ browser, start }) {
  const server = await start({ epochs: 6, past: 1, interval: 600 });
  const { page, errors, close } = await open(browser, server, { hash: "#evolution" });
  await says(() => page.textContent(".epoch-name").catch(() => ""), /epoch [456]/, "epoch 4, or later where the machine is slow");
  await turns(() => page.textContent(".state"), "finished", "the end");
  await turns(() => page.textContent(".epoch-name"), "epoch 6", "the newest epoch");
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
  await turns(() => page.textContent(".pill"), "reconnecting", "it notices");
  check(await page.locator(".charts").isVisible(), "what was there stays");
  timeline.record({ kind: "fault", part: "store", message: "while nobody looked", epoch: null });
  const second = await serve(timeline, { port });
  try {
    await turns(() => page.textContent(".pill"), "live", "it is back");
    await turns(async () => parseInt(await page.textContent(".counts button")), parseInt(faults) + 1, "the new record, nothing counted twice");
    equal(second.asked.sockets, [seen], "asked for what it did not have");
  } finally {
    await close();
    await second.close();
  }
}

export async function another_run_at_the_same_address_starts_the_page_anew({ browser, start }) {
  const first = await start();
  const { page, close } = await open(browser, first, { hash: "#training" });
  await turns(() => page.textContent(".table-box td").catch(() => ""), "12", "12 epochs");
  await first.close();
  const timeline = new Timeline({ ...first.timeline.options, runId: "run-b", epochs: 3, past: 3 });
  await timeline.play();
  const second = await serve(timeline, { port: first.port });
  try {
    await says(() => page.textContent(".run-facts").catch(() => ""), "run-b", "the new run");
    await turns(() => page.textContent(".table-box td"), "3", "3 epochs, not 12");
  } finally {
    await close();
    await second.close();
  }
}

export async function a_killed_run_is_told_from_a_quiet_one({ browser, start }) {
  const server = await start({ epochs: 12, past: 4, killed: 5 }, { live: false });
  const { page, close } = await open(browser, server);
  await says(() => page.textContent(".state"), "no sign of life for 2 min", "the words");
  await says(() => page.textContent(".state"), "killed or suspended", "no explanation");
  await turns(() => page.textContent(".pill"), "replay from disk", "connection");
  await close();
}

export async function states_without_a_run_say_what_to_do({ browser, start }) {
  const waiting = await start({ waits: true });
  const one = await open(browser, waiting);
  await says(() => one.page.textContent("main"), "has not started yet", "waiting");
  waiting.timeline.now({ state: "ended" });
  await says(() => one.page.textContent("main"), "ended before it began", "refused");
  await one.close();
  const other = await start({}, { version: 99 });
  const two = await open(browser, other);
  await says(() => two.page.textContent("main"), "do not fit together", "other version");
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
