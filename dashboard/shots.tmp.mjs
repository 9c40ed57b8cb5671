import { serve } from "./mock/server.mjs";
import { Timeline } from "./mock/timeline.mjs";
import { launch, open } from "./test/page.mjs";
const START = { runId: "run-a", epochs: 12, past: 12, interval: 2000, layers: 4, killed: 0, unsupported: false, gaps: false, faults: false, waits: false, sick: false, wide: false, moves: false, frozen: false, few: false, images: 96, classes: 8, old: false, studies: "work", classless: false };
const jobs = JSON.parse(process.argv[2]);
const browser = await launch();
for (const { name, options = {}, server = {}, hashes = [""], widths = [1280], themes = ["light"], height, cvd, full, act } of jobs) {
  const timeline = new Timeline({ ...START, ...options });
  const playing = timeline.play();
  if ((options.past ?? 12) === (options.epochs ?? 12)) await playing;
  const s = await serve(timeline, { port: 0, ...server });
  for (const hash of hashes) for (const width of widths) for (const theme of themes) {
    const { page, errors, close } = await open(browser, s, { hash, colorScheme: theme, viewport: { width, height: height ?? (width < 500 ? 860 : width > 1500 ? 1000 : 860) } });
    if (cvd) { const cdp = await page.context().newCDPSession(page); await cdp.send("Emulation.setEmulatedVisionDeficiency", { type: cvd }); }
    await page.waitForTimeout(700);
    if (act) await eval(`(async (page) => { ${act} })`)(page);
    const file = `/tmp/shots-overview/${name}${hash.replace(/[#?&=.:~]/g, "_")}-${width}-${theme}${cvd ? "-" + cvd : ""}.png`;
    await page.screenshot({ path: file, fullPage: full ?? width < 500 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (errors.length || over) console.log(file, errors, over ? "OVERFLOW" : "");
    await close();
  }
  await s.close();
}
await browser.close();
process.exit(0);
