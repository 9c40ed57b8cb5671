// Chromium, a page of it, and small checks.
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** What went wrong on a page, as it happens. */
function errorsOf(page, kinds) {
  const errors = [];
  page.on("console", (message) => {
    if (kinds.includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  return errors;
}

/** The page of a real dashboard, by the address that the training printed. */
export async function visit(browser, url, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const errors = errorsOf(page, ["error"]);
  await page.goto(url);
  return { page, errors };
}

/**
 * A page behind the server's door. `errors` collects what went wrong on it. The hash goes through the door with it:
 * a page that first showed the overview would have read what the overview needs, or not yet.
 */
export async function open(browser, server, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const errors = errorsOf(page, ["error", "warning"]);
  await page.goto(`${server.door}${hash}`);
  return { page, errors, close: () => context.close() };
}

export function check(condition, words) {
  if (!condition) throw new Error(words);
}

export function equal(found, expected, words) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  check(a === b, `${words}: found ${a}, expected ${b}`);
}

/** Waits until so many elements are there: a page paints in its own time, above all on a busy machine. */
export async function counted(locator, expected, words, limit = 10_000) {
  let found = -1;
  for (const end = Date.now() + limit; found !== expected && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 30))) {
    found = await locator.count();
  }
  equal(found, expected, words);
}

/** Waits until `probe` gives something true. */
export async function until(probe, words, limit = 10_000) {
  const end = Date.now() + limit;
  for (;;) {
    if (await probe()) return;
    if (Date.now() > end) throw new Error(`not within ${limit / 1000} s: ${words}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** How many drawn canvases under `selector` show more than one colour. */
export function picturesIn(page, selector) {
  return page.evaluate((within) => {
    let count = 0;
    for (const canvas of document.querySelectorAll(`${within} canvas.tile[data-drawn]`)) {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const first = data.slice(0, 3).join();
      for (let at = 4; at < data.length; at += 4) {
        if (data.slice(at, at + 3).join() !== first) {
          count += 1;
          break;
        }
      }
    }
    return count;
  }, selector);
}

/** A hash of the pixels of the first picture under `selector`. */
export function pixelsOf(page, selector) {
  return page.evaluate((within) => document.querySelector(`${within} canvas.tile[data-drawn]`)?.toDataURL(), selector);
}
