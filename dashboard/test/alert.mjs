// Opens a real dashboard whose training has raised an alert, and looks whether the alert can be seen and
// followed to its filters: `node test/alert.mjs URL TITLE LAYER`.
import { check, launch, says, until, visit } from "./page.mjs";

const [url, title, layer] = process.argv.slice(2);
if (!url || !title || !layer) {
  console.error("usage: node test/alert.mjs URL TITLE LAYER");
  process.exit(2);
}

const browser = await launch();
try {
  const { page, errors } = await visit(browser, url);
  const text = () => page.locator("body").innerText();
  await says(() => page.locator("header.top").innerText(), /Alerts\s*\S*\s*\d/, "the badge counts the alerts");
  await page.evaluate(() => (location.hash = "#alerts"));
  await says(text, title, "the alert is shown");
  await says(text, /critical/, "the severity is said in a word");
  await page.evaluate((name) => (location.hash = `#filters?layer=${name}`), layer);
  await until(async () => (await page.locator(".wall .filter").count()) >= 8, "the filters are shown");
  await says(() => page.locator("main").innerText(), /not finite/, "the filters' state is said");
  check(errors.length === 0, `the page has errors: ${errors.join("; ")}`);
  console.log("the alert is shown and leads to its filters");
} catch (error) {
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
