// Chromium, a page of it, and small checks.
import { chromium } from "playwright-core";

/** Everything comes late and in small portions (`npm run test:browser -- --slow`): what a test does not wait for fails. */
export const slow = process.argv.includes("--slow");
const PATIENCE = slow ? 60_000 : 30_000;

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
 * a page that first showed the overview would have read what the overview needs, or not yet. The records that the
 * server has are there.
 */
export async function open(browser, server, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const errors = errorsOf(page, ["error", "warning"]);
  if (slow) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.goto(`${server.door}${hash}`);
  await page.waitForSelector("main[aria-busy=false]");
  return { page, errors, close: () => context.close() };
}

// A page paints in its own time, above all on a busy machine: what is read from it is waited for, and `check` and
// `equal` are for what cannot change any more.

export function check(condition, words) {
  if (!condition) throw new Error(words);
}

export function equal(found, expected, words) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  check(a === b, `${words}: found ${a}, expected ${b}`);
}

/** Waits until `probe` gives something true. */
export async function until(probe, words, limit = PATIENCE) {
  const end = Date.now() + limit;
  for (;;) {
    if (await probe()) return;
    if (Date.now() > end) throw new Error(`not within ${limit / 1000} s: ${typeof words === "function" ? words() : words}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until what `read` gives is `expected`. */
export async function turns(read, expected, words, limit) {
  let found;
  const same = async () => JSON.stringify((found = await read())) === JSON.stringify(expected);
  await until(same, () => `${words}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`, limit);
}

/**
 * Points at a place of an element, by default its middle, until `shown`: a picture that comes late above it moves it away
 * from under the pointer. `place` gives x and y from the element's upper left, for its box.
 */
export async function pointAt(locator, shown, words, place = ({ width, height }) => ({ x: width / 2, y: height / 2 })) {
  const pointed = async () => {
    const box = await locator.boundingBox();
    if (box === null) return false;
    await locator.hover({ position: place(box), force: true });
    return shown();
  };
  await until(pointed, words);
}

/** Waits until so many elements are there. */
export const counted = (locator, expected, words, limit) => turns(() => locator.count(), expected, words, limit);

/** Waits until the text that `read` gives has `expected` in it, a string or an expression. */
export async function says(read, expected, words, limit) {
  let found;
  const there = async () => {
    found = (await read()) ?? "";
    return typeof expected === "string" ? found.includes(expected) : expected.test(found);
  };
  await until(there, () => `${words}: ${found}`, limit);
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
