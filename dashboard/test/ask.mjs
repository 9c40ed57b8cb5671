// Asks a training that goes on for the occlusion of an image: `node test/ask.mjs URL`.
import { check, launch, picturesIn, until, visit } from "./page.mjs";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node test/ask.mjs URL");
  process.exit(2);
}

const browser = await launch();
try {
  const { page, errors } = await visit(browser, url);
  // An image that no schedule covers.
  await page.evaluate(() => (location.hash = "#occlusion?image=9&fill=blur"));
  const main = page.locator("main");
  const button = main.getByRole("button", { name: /compute/i }).first();
  await until(() => button.isEnabled().catch(() => false), "there is a button to compute it", 60_000);
  const epochs = () => page.evaluate(() => Number(/epoch\s*(\d+)\s*of/.exec(document.body.innerText)?.[1] ?? 0));
  const before = await epochs();
  check(!(await main.innerText()).includes("What the prediction depends on"), "nobody has computed it before");
  await button.click();
  await until(
    async () => (await main.innerText()).includes("What the prediction depends on") && (await picturesIn(page, "main")) >= 3,
    "the answer is shown",
    120_000,
  );
  await until(async () => (await epochs()) > before + 1, "the training goes on", 120_000);
  check(errors.length === 0, `the console says: ${errors.join("; ")}`);
} finally {
  await browser.close();
}
