import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeReport } from "../mock/report.mjs";
import { serve } from "../mock/server.mjs";
import { Timeline } from "../mock/timeline.mjs";
import { check, counted, equal, open, picturesIn, says, turns, until } from "./page.mjs";

const FAR = { far: 50 };
const TWO = [{ name: "first run" }, { runId: "run-b", name: "second run", epochs: 8, past: 8, sick: true, skill: 0.9, startedMs: -3_600_000 }];
const THREE = [...TWO, { runId: "run-c", name: "third run", layers: 5, gaps: true, skill: 0.8, startedMs: -7_200_000 }];

const gaps = (page) => page.locator(".grid .gap").count();

export async function a_snapshot_paints_and_the_history_follows({ browser, start }) {
  const server = await start({}, FAR);
  let release;
  server.trouble.hold = new Promise((resolve) => (release = resolve));
  const { page, errors, close } = await open(browser, server, { hash: "#evolution" });
  await page.waitForSelector(".cell");
  await turns(() => page.textContent(".epoch-name"), "epoch 12", "the newest epoch");
  await page.waitForSelector(".history-state:has-text('Reading history: pictures of conv1')");
  await until(async () => (await page.locator(".gap").allTextContents()).includes("being read"), "not told that epochs are being read");
  release();
  await turns(() => gaps(page), 0, "the history");
  await counted(page.locator(".history-state"), 0, "the words go");
  check(server.asked.records.every((search) => !search.includes("blocks")), "only the layer that is looked at is read");
  await page.keyboard.press("7");
  await page.waitForSelector(".multiples");
  await until(async () => server.asked.records.some((search) => search.includes("layer_health&layer=conv1")), "the readings of the layer");
  equal(errors, [], "errors on the page");
  await close();
}

export async function a_history_that_cannot_be_read_is_told_and_tried_again({ browser, start }) {
  const server = await start({}, FAR);
  server.trouble.fail = 500;
  const { page, close } = await open(browser, server, { hash: "#settling" });
  await page.waitForSelector(".history-state.failed");
  await says(() => page.textContent(".history-state"), "answers with 500", "no reason");
  await counted(page.locator(".clock-row"), 4, "the newest epoch is shown all the same");
  server.trouble.fail = 0;
  await page.click(".history-state button");
  await counted(page.locator(".history-state"), 0, "read after all");
  await close();
}

export async function what_a_run_has_left_is_named_and_can_be_looked_at({ browser, start }) {
  const branch = { number: 1, first_epoch: 4, last_epoch: 8, left_by: 900 };
  const server = await start([{ runId: "a", name: "mine", epochs: 5, past: 5 }, { runId: "a~1", name: "mine", epochs: 8, past: 8, startedMs: -3_600_000 }]);
  const [run, left] = server.timelines;
  run.branches = [branch];
  left.branch = branch;
  const { page, errors, close } = await open(browser, server, { hash: "#training" });
  const said = () => page.textContent(".branches");
  await says(said, "Branch 1: epochs 4 to 8, left when the training was continued from epoch 3", "what was left");
  await page.click("text=Show branch 1");
  await says(said, "This is branch 1 of the run: as it was when epochs 4 to 8 were left", "what is shown");
  await says(() => page.textContent(".run-name"), "mine, branch 1", "its name");
  await page.click("text=Show the run");
  await says(said, "Nothing of it is shown here", "the way back");
  equal(errors, [], "errors on the page");
  await close();
}

/** What the page knows of every epoch of a layer, told by its grid. */
async function cells(page) {
  return page.locator(".row").first().locator(".cell").count();
}

export async function a_server_that_comes_back_far_ahead_completes_what_was_read({ browser, start }) {
  const first = await start({ epochs: 10, past: 6, interval: 1e9 }, FAR);
  const { page, close } = await open(browser, first, { hash: "#evolution?layer=conv1" });
  await turns(async () => [await cells(page), await gaps(page)], [7, 0], "7 epochs, none missing");
  await first.close();
  await turns(() => page.textContent(".pill"), "reconnecting", "it notices");
  const { timeline, port } = first;
  const seen = timeline.records.length;
  for (const epoch of [7, 8, 9, 10]) timeline.epoch(epoch);
  const second = await serve(timeline, { port, ...FAR });
  try {
    await turns(() => page.textContent(".pill"), "live", "it is back");
    await turns(async () => [await cells(page), await gaps(page)], [11, 0], "11 epochs, none missing");
    equal(second.asked.sockets, [seen], "asked for what it did not have");
    equal(second.asked.records.filter((search) => search.includes("layer_features")).length, 1, "one page for the hole");
  } finally {
    await close();
    await second.close();
  }
}

export async function runs_are_listed_and_picked({ browser, start }) {
  const server = await start(TWO, { unreadable: [{ name: "broken", problem: "events.sqlite is not a database" }] });
  const { page, errors, close } = await open(browser, server, { hash: "#evolution" });
  await says(() => page.textContent(".run-name").catch(() => ""), "first run", "the newest run");
  await page.keyboard.press("p");
  await page.waitForSelector("dialog[open] .runs");
  for (const part of ["second run", "ended after epoch 8", "critical", "events.sqlite is not a database", "runs/run-b"]) {
    await says(() => page.textContent("dialog[open]"), part, `no ${part}`);
  }
  // A run that begins while the list is open.
  const late = new Timeline({ ...server.timeline.options, runId: "run-late", name: "late run" });
  await late.play();
  server.timelines.push(late);
  await page.click("dialog[open] .runs button:has-text('second run')");
  await says(() => page.textContent(".run-name"), "second run", "the other run");
  await turns(() => page.textContent(".epoch-name"), "epoch 8", "its newest epoch");
  await until(() => page.url().includes("run=run-b"), "the run in the address");
  await page.goBack();
  await says(() => page.textContent(".run-name"), "first run", "back to the first run");
  await turns(() => page.textContent(".epoch-name"), "epoch 12", "its epochs");
  equal(errors, [], "errors on the page");
  await close();
}

export async function a_run_that_is_gone_is_told_and_others_are_offered({ browser, start }) {
  const server = await start(TWO);
  const { page, close } = await open(browser, server, { hash: "#training?run=run-x" });
  await says(() => page.textContent("main"), "is not here any more", "the words");
  await page.click("main .runs button:has-text('second run')");
  await page.waitForSelector(".charts");
  await says(() => page.textContent(".run-name"), "second run", "another run");
  await close();
}

export async function runs_are_compared({ browser, start }) {
  const server = await start(THREE, FAR);
  const { page, errors, close } = await open(browser, server, { hash: "#compare" });
  await page.waitForSelector(".notice:has-text('compared with')");
  await page.selectOption(".run-chooser select", "run-b");
  await page.waitForSelector(".differences");
  await counted(page.locator(".comparing .uplot"), 5, "a chart of each metric");
  const cellsOf = (what) => page.locator(".differences").first().locator("tr", { hasText: what }).locator("td").allTextContents();
  await turns(async () => (await cellsOf("best Accuracy")).map((cell) => cell.includes("better")), [true, false], "which is better");
  await turns(() => cellsOf("epochs"), ["12 of 12", "8 of 8"], "epochs");
  await counted(page.locator(".clock.compared"), 2, "clocks");
  await until(async () => (await picturesIn(page, ".compared-filters")) >= 30, "filters of both");
  await until(async () => (await picturesIn(page, ".compared-maps")) >= 60, "maps of both");
  await page.selectOption(".run-chooser select", "run-c");
  await counted(page.locator(".clock.compared"), 3, "three clocks");
  await counted(page.locator(".clock.compared .lacking"), 2, "the layer that two of them lack");
  await says(() => page.url(), "with=run-b%2Crun-c", "the runs in the address");
  await page.evaluate(() => (location.hash += "&epoch=11&layer=deep.0.conv"));
  await says(() => page.textContent(".compared-side"), "no layer of this name", "a layer that it lacks");
  await page.evaluate(() => (location.hash = location.hash.replace("deep.0.conv", "conv1")));
  await says(() => page.locator(".compared-side").nth(1).textContent(), "epoch 8: epoch 11 was not recorded", "the nearest epoch");
  await counted(page.locator(".compared-side h3 .nearest"), 2, "said once in filters and once in maps");
  await page.click(".chosen-run button[aria-label='Leave out third run']");
  await counted(page.locator(".clock.compared"), 2, "two clocks again");
  equal(errors, [], "errors on the page");
  await close();
}

export async function with_one_run_compare_says_how_to_show_several({ browser, start }) {
  const { page, close } = await open(browser, await start(), { hash: "#compare" });
  await says(() => page.textContent("main"), "spyhole view RUNS_DIR", "the words");
  await close();
}

export async function a_report_opens_from_a_file({ browser, start }) {
  const server = await start({ sick: true, epochs: 6, past: 6 });
  const folder = await mkdtemp(join(tmpdir(), "spyhole-report-"));
  const file = join(folder, "report.html");
  await writeReport(server.timeline, file, { from: 4 });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const errors = [];
    const requests = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("request", (request) => /^(file|data):/.test(request.url()) || requests.push(request.url()));
    await page.goto(`${pathToFileURL(file).href}#evolution`);
    await until(async () => (await picturesIn(page, ".grid")) > 20, "pictures");
    await turns(() => page.textContent(".pill"), "report", "the connection");
    await says(() => page.textContent(".report-note"), "Left out: the pictures of the epochs before 4", "what was left out");
    await counted(page.locator("button.run-name"), 0, "no picker");
    for (const [hash, selector] of [
      ["#settling", ".clock-row"],
      ["#filters?epoch=3", ".wall .filter"],
      ["#health?layers=all", ".strip"],
      ["#alerts", ".alert-card"],
      ["#training", ".charts .uplot"],
      ["#activations", ".map-tile"],
      ["#embedding", ".small-embedding"],
      ["#occlusion", ".occlusion [data-painted]"],
    ]) {
      await page.evaluate((to) => (location.hash = to), hash);
      await page.waitForSelector(selector);
    }
    await page.evaluate(() => (location.hash = "#activations?image=9"));
    await says(() => page.textContent("main"), "report in a file", "why nothing can be asked for");
    await page.evaluate(() => (location.hash = "#compare"));
    await says(() => page.textContent("main"), "A report holds one run", "why nothing is compared");
    await page.keyboard.press("?");
    await says(() => page.locator("dialog[open] .licences").textContent(), "preact", "no licences");
    equal(requests, [], "requests");
    equal(errors, [], "errors on the page");
  } finally {
    await context.close();
    await rm(folder, { recursive: true });
  }
}
