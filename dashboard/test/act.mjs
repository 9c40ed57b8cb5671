// Silences an alert of a real training and ends it, as a person does: `node test/act.mjs URL`.
import { check, counted, launch, says, until, visit } from "./page.mjs";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node test/act.mjs URL");
  process.exit(2);
}

const browser = await launch();
try {
  const { page, errors } = await visit(browser, url);
  await page.evaluate(() => (location.hash = "#alerts"));
  // The one that lasts: the loss's alert gives way to it, as soon as the weights are read.
  const named = { hasText: "not finite from here on" };
  const loud = page.locator("[aria-label='Active alerts'] .alert-card:not(.quiet)", named);
  await until(async () => (await loud.count()) > 0, "there is an alert", 60_000);
  const title = await loud.first().locator("h3").textContent();
  await loud.first().getByRole("button", { name: "Silence" }).click();
  const quiet = page.locator(".alert-card.quiet", { hasText: title });
  await counted(quiet, 1, `"${title}" is marked as silenced`);
  await page.reload();
  await counted(quiet, 1, `"${title}" is silenced for whoever looks next`);

  await page.click(".stop-button");
  const dialog = page.locator(".stop dialog[open]");
  await dialog.getByRole("button", { name: "Stop after this epoch" }).click();
  await says(() => page.textContent(".state"), /^interrupted/, "the training has ended", 120_000);
  await counted(page.locator(".stop"), 0, "nothing is left to stop");
  check(errors.length === 0, `the page has errors: ${errors.join("; ")}`);
  console.log(`silenced "${title}" and ended the training`);
} catch (error) {
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
