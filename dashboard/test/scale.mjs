import { check, equal, open, until } from "./page.mjs";

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

/** Scrolls through the grid for two seconds; gives the median and the longest time between frames. */
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
    return { median: gaps[gaps.length >> 1], longest: gaps[gaps.length - 1], most };
  });
}

export async function a_thousand_epochs_stay_smooth({ browser, start }) {
  const server = await start({ epochs: 1000, past: 1000, layers: 30 });
  const begin = Date.now();
  const { page, errors, close } = await open(browser, server, { hash: "#evolution" });
  await page.waitForSelector(".cell");
  const painted = Date.now() - begin;
  await until(async () => (await page.textContent(".epoch-name")) === "epoch 1000", "the whole history", 120_000);
  const loaded = Date.now() - begin;
  const before = server.asked.pictures;
  const { median, longest, most } = await scroll(page);
  check(most < 4000, `${most} elements in the page`);
  await page.keyboard.press("5");
  await page.waitForSelector(".clock-row");
  equal(await page.locator(".clock-row").count(), 30, "rows of the clock");
  check((await page.textContent(".clock-box .note")).includes("3 epochs"), "not told that a column stands for several epochs");
  const clock = [];
  for (const how of ["hover", "choose", "scroll"]) {
    const { median, late, longest } = await sweep(page, how);
    check(median < 60, `${how}: ${median.toFixed(0)} ms between frames`);
    clock.push(`${how} ${median.toFixed(0)} ms (95 %: ${late.toFixed(0)}, longest ${longest.toFixed(0)})`);
  }
  const elements = await page.locator("*").count();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
  const megabytes = Math.round((usedSize + (backingStorageSize ?? 0)) / 1e6);
  check(megabytes < 200, `${megabytes} MB of memory`);
  check(errors.length === 0, errors.join());
  await close();
  return (
    `${server.timeline.records.length} records; first pictures ${painted} ms, all ${loaded} ms; frames ${median.toFixed(0)} ms ` +
    `(longest ${longest.toFixed(0)}); ${most} elements; ${megabytes} MB; ${server.asked.pictures - before} pictures fetched while scrolling; ` +
    `clock: ${clock.join(", ")}, ${elements} elements`
  );
}
