// Opens a real dashboard and looks whether there are pictures on it: `node test/live.mjs URL EPOCHS`.
// It also writes screenshots, if a folder for them is given as the third argument.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { check, launch, picturesIn, says, until, visit } from "./page.mjs";

const [url, epochs, folder] = process.argv.slice(2);
if (!url || !/^\d+$/.test(epochs ?? "")) {
  console.error("usage: node test/live.mjs URL EPOCHS [FOLDER]");
  process.exit(2);
}

const browser = await launch();
let screenshots = 0;
async function shoot(page, name) {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
  screenshots += 1;
}

try {
  for (const colorScheme of ["light", "dark"]) {
    const { page, errors } = await visit(browser, url, { colorScheme });
    check(!page.url().includes("token="), "the token stays in the address bar");

    await says(() => page.locator("main").innerText(), /conv1/, "the layers are named");
    await until(async () => (await picturesIn(page, ".layer-strip")) >= 4, "the overview shows what layers see");
    await shoot(page, `overview-${colorScheme}`);
    for (const layer of ["conv1", "conv4"]) {
      await page.evaluate((name) => (location.hash = `#evolution?layer=${name}`), layer);
      await until(async () => (await picturesIn(page, "main")) >= 8, `${layer} shows pictures`);
      await shoot(page, `evolution-${layer}-${colorScheme}`);
    }
    await until(
      async () => new RegExp(`epoch\\s*${epochs}`).test(await page.locator("body").innerText()),
      `the page has come to epoch ${epochs}`,
    );
    // Runs recorded before there was layer evolution say so.
    const watched = await page.locator(".layers button:not(.off)").count();
    await page.evaluate(() => (location.hash = "#settling"));
    await until(
      async () =>
        (await page.locator(".clock .clock-row").count()) === watched ||
        /does not say which layers have settled/.test(await page.locator("main").innerText()),
      "the clock has a row for every layer",
    );
    await shoot(page, `settling-${colorScheme}`);
    await page.evaluate(() => (location.hash = "#evolution?show=film"));
    await until(async () => (await picturesIn(page, ".frame-of-film")) >= 2, "the film strip is shown");
    await shoot(page, `film-${colorScheme}`);
    await page.evaluate(() => (location.hash = "#evolution?show=pair"));
    await until(async () => (await picturesIn(page, ".pairs")) >= 4, "two epochs are side by side");
    await shoot(page, `pair-${colorScheme}`);
    await page.evaluate(() => (location.hash = "#filters"));
    await until(async () => (await picturesIn(page, "main")) >= 16, "the filters are shown");
    await shoot(page, `filters-${colorScheme}`);
    await page.evaluate(() => (location.hash = "#training"));
    await says(() => page.locator("main").innerText(), /Accuracy/, "metrics are shown");
    await until(async () => (await page.locator("main canvas").count()) >= 2, "charts are drawn");
    await shoot(page, `training-${colorScheme}`);
    await page.evaluate(() => (location.hash = "#health"));
    await until(
      async () => (await page.locator(".multiple .uplot").count()) > 0 || /no health statistics/.test(await page.locator("main").innerText()),
      "health is shown",
    );
    await shoot(page, `health-${colorScheme}`);
    await page.evaluate(() => (location.hash = "#alerts"));
    await until(
      async () => (await page.locator(".rules tbody tr").count()) > 0 || /Nothing was watched/.test(await page.locator("main").innerText()),
      "alerts and rules are shown",
    );
    await shoot(page, `alerts-${colorScheme}`);
    // Runs recorded before there were studies, and those that make none, say so.
    for (const [view, pictures] of [["activations", ".map-wall"], ["units", ".unit-wall"]]) {
      await page.evaluate((name) => (location.hash = `#${name}`), view);
      await until(
        async () => (await picturesIn(page, pictures)) > 0 || /Not computed yet/.test(await page.locator("main").innerText()),
        `${view} are shown`,
      );
      await shoot(page, `${view}-${colorScheme}`);
    }
    for (const [view, content] of [["directions", ".direction"], ["embedding", "main canvas"], ["occlusion", "main [data-painted]"]]) {
      await page.evaluate((name) => (location.hash = `#${name}`), view);
      await until(
        async () => (await page.locator(content).count()) > 0 || /Not computed yet/.test(await page.locator("main").innerText()),
        `${view} is shown`,
      );
      await shoot(page, `${view}-${colorScheme}`);
    }
    check(errors.length === 0, `the page has errors: ${errors.join("; ")}`);
    await page.close();
  }
  console.log(`the dashboard shows the overview, pictures, settling, filters, health, alerts, metrics and the views of studies${screenshots ? `; ${screenshots} screenshots` : ""}`);
} catch (error) {
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
