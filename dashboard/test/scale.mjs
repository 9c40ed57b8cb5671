import WebSocket from "ws";
import { check, counted, equal, says, turns, until } from "./page.mjs";

/** Moves over the clock of layers, scrolls the page and chooses epochs; gives the times between frames. */
function sweep(page, how) {
  return page.evaluate(async (how) => {
    const rows = [...document.querySelectorAll(".clock-row")];
    const stage = document.querySelector(".stage");
    const gaps = [];
    let before = performance.now();
    const end = before + 2000;
    for (let step = 0; performance.now() < end; step++) {
      const row = rows[Math.floor(step / 3) % rows.length];
      const { left, top, width } = row.getBoundingClientRect();
      const at = { clientX: left + ((step * 13) % width), clientY: top + 5, bubbles: true };
      if (how === "hover") row.dispatchEvent(new MouseEvent("mousemove", at));
      if (how === "choose") row.dispatchEvent(new MouseEvent("click", at));
      if (how === "scroll") stage.scrollTop = Math.abs(((step * 30) % 1200) - 600);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - before);
      before = now;
    }
    gaps.sort((a, b) => a - b);
    return { median: gaps[gaps.length >> 1], late: gaps[Math.floor(0.95 * gaps.length)], longest: gaps[gaps.length - 1] };
  }, how);
}

/** Scrolls through the grid for two seconds; gives the times between frames. */
function scroll(page) {
  return page.evaluate(async () => {
    const grid = document.querySelector(".grid");
    const gaps = [];
    let [before, most] = [performance.now(), 0];
    const end = before + 2000;
    grid.scrollLeft = 0;
    while (performance.now() < end) {
      grid.scrollLeft += 60;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - before);
      before = now;
      most = Math.max(most, document.querySelectorAll("*").length);
    }
    gaps.sort((a, b) => a - b);
    return { median: gaps[gaps.length >> 1], late: gaps[Math.floor(0.95 * gaps.length)], longest: gaps[gaps.length - 1], most };
  });
}

/** Notes, in the page, when there first is a picture's cell in it, from the beginning of the navigation. */
function watchForContent() {
  const look = () => {
    if (document.querySelector(".cell, .panels .tile") === null) return requestAnimationFrame(look);
    window.painted = performance.now();
  };
  requestAnimationFrame(look);
}

async function memory(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
  return Math.round((usedSize + (backingStorageSize ?? 0)) / 1e6);
}

const done = (page) => async () => (await page.locator(".history-state").count()) === 0;
const ms = ({ median, late, longest }) => `${median.toFixed(0)} ms (95 %: ${late.toFixed(0)}, longest ${longest.toFixed(0)})`;

export async function a_thousand_epochs_stay_smooth({ browser, start }) {
  const server = await start({ epochs: 1000, past: 1000, layers: 30 });
  const notes = [`${server.timeline.records.length} records`];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(server.door);
  await page.waitForSelector(".panels");
  await page.addInitScript(watchForContent);
  for (const view of ["overview", "evolution", "evolution"]) {
    await page.evaluate((view) => (location.hash = view), view);
    const begin = Date.now();
    await page.reload({ waitUntil: "commit" });
    await page.waitForFunction(() => window.painted !== undefined);
    const painted = await page.evaluate(() => Math.round(window.painted));
    if (view === "evolution") await turns(() => page.textContent(".epoch-name"), "epoch 1000", "the newest epoch");
    await until(done(page), "the histories", 120_000);
    notes.push(`${view}: content after ${painted} ms, its histories after ${Date.now() - begin} ms`);
  }
  const before = server.asked.pictures;
  const moved = await scroll(page);
  check(moved.most < 4000, `${moved.most} elements in the page`);
  notes.push(`scrolling Evolution ${ms(moved)}, ${moved.most} elements, ${server.asked.pictures - before} pictures fetched (the mock server paints each)`);
  notes.push(`the same stretch again, its pictures here: ${ms(await scroll(page))}`);
  await page.keyboard.press("5");
  await page.waitForSelector(".clock-row");
  await counted(page.locator(".clock-row"), 30, "rows of the clock");
  await says(() => page.textContent(".clock-box .note"), "3 epochs", "not told that a column stands for several epochs");
  for (const how of ["hover", "choose", "scroll"]) {
    const times = await sweep(page, how);
    notes.push(`Settling, ${how} ${ms(times)}`);
  }
  // Every layer's pictures, filters, readings: what is kept of them is bounded.
  const layers = server.timeline.run.layers.map(({ name }) => name);
  const begin = Date.now();
  for (const layer of layers) {
    for (const view of ["evolution", "filters", "activations"]) {
      await page.evaluate((to) => (location.hash = to), `#${view}?layer=${layer}`);
      await turns(() => page.textContent(".layers [aria-current] b").catch(() => ""), layer, layer);
      await until(done(page), `${view} of ${layer}`, 60_000);
    }
  }
  await page.evaluate(() => (location.hash = "#health?layers=all"));
  await page.waitForSelector(".strip");
  await until(done(page), "readings of all layers", 120_000);
  const megabytes = await memory(page);
  notes.push(`all views of all layers visited in ${((Date.now() - begin) / 1000).toFixed(0)} s: ${megabytes} MB`);
  check(megabytes < 250, `${megabytes} MB of memory`);
  notes.push(await fifty(server));
  check(errors.length === 0, errors.join());
  await context.close();
  return notes.join("; ");
}

/** Fifty clients at once, without a page: each gets the snapshot whole. */
async function fifty(server) {
  const begin = performance.now();
  const head = server.timeline.records.length;
  const times = await Promise.all(
    Array.from(
      { length: 50 },
      () =>
        new Promise((resolve, reject) => {
          const address = `${server.address.replace("http", "ws")}/runs/${server.timeline.run.id}/socket?after=0`;
          const client = new WebSocket(address, { headers: { cookie: server.cookie } });
          client.on("message", (data) => {
            const message = JSON.parse(data);
            if (message.type !== "snapshot" || message.upto === null) return;
            equal(message.upto, head, "the end of the snapshot");
            client.close();
            resolve(performance.now() - begin);
          });
          client.on("error", reject);
        }),
    ),
  );
  return `50 clients have the snapshot after ${(Math.max(...times) / 1000).toFixed(1)} s (the mock server)`;
}
