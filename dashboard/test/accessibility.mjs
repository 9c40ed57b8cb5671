import axe from "axe-core";
import { equal, open } from "./page.mjs";

const VIEWS = [
  ["#overview", ".layer-strip canvas[data-drawn]"],
  ["#evolution", ".cell"],
  ["#evolution?rows=strongest&epoch=3", ".ranking"],
  ["#evolution?layer=attention.mix", ".notice"],
  ["#evolution?show=film&map=1&epoch=6", ".frame-of-film"],
  ["#evolution?show=pair&against=2&rows=strongest", ".pairs"],
  ["#evolution?show=pair&against=2&epoch=6", ".pairs"],
  ["#settling?layer=blocks.0.conv&epoch=6", ".clock-row"],
  ["#settling?quantity=now", ".clock-row"],
  ["#filters?epoch=2&map=1", ".wall"],
  ["#filters?layer=blocks.1.conv&statistic=dead_filters&only=found", ".filter.ringed"],
  ["#health?layer=head.conv&statistic=not_finite_filters", ".detail .uplot"],
  ["#health?layers=all&statistic=dead_maps", ".strip"],
  ["#alerts?alert=6~noisy-filters~conv1", ".alert-card.selected"],
  ["#activations?layer=blocks.0.conv&epoch=6&map=2", ".map-tile"],
  ["#activations?layer=blocks.1.conv&image=3&scale=shared&sort=sparsest", ".map-tile"],
  ["#activations?image=9", ".study-bar"],
  ["#units?layer=conv1&only=changed", ".unit-card"],
  ["#units?layer=blocks.0.conv&map=5", ".hit"],
  ["#units?layer=conv1&map=10", ".map-verdict"],
  ["#directions?layer=blocks.1.conv&basis=whitened&epoch=7", ".direction"],
  ["#embedding?layer=head.conv&image=5&only=2", ".small-embedding"],
  ["#embedding?layer=conv1&points=pictures&epoch=7", ".small-embedding"],
  ["#training?statistic=train:Loss", ".charts"],
  ["#training?run=gone", ".absent .runs"],
  ["#compare", ".notice"],
  ["#compare?with=run-b,run-c&epoch=11", ".compared-maps canvas[data-drawn]"],
  ["#occlusion?image=3", ".occluded-layer [data-painted]"],
  ["#occlusion?image=3&layer=conv1&map=2&colours=fitted&fill=blur", ".notice"],
];

/** What is opened, and how. */
const OPENED = [
  ["#overview", "dialog[open] .glossary", (page) => page.keyboard.press("?")],
  ["#overview", ".stop dialog[open]", (page) => page.click(".stop-button")],
  ["#evolution?layer=blocks.0.conv", ".enlarged[open]", (page) => page.keyboard.press("z")],
  ["#alerts", ".silenced-tag", (page) => page.locator(".alert-card .actions button").first().click()],
  ["#settling", ".menu.open", (page) => page.click(".menu-button")],
];

/** Waits for what is to be looked at, and says what axe has against it. */
async function look(page, selector, where) {
  await page.waitForSelector(selector);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  const found = violations
    .filter(({ impact }) => ["serious", "critical", "moderate"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target }) => target.join(" ")).join(", ")}`);
  equal(found, [], where);
}

export async function axe_finds_nothing_serious_in_what_is_opened({ browser, start }) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 400]) {
      for (const [hash, selector, act] of OPENED) {
        if (selector === ".menu.open" && width > 900) continue;
        const server = await start({ sick: true, epochs: 30, past: 20, interval: 60_000 });
        const { page, close } = await open(browser, server, { hash, colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
        await page.waitForSelector(".view canvas, .alert-card");
        await act(page);
        await look(page, selector, `${selector}, ${colorScheme}, ${width} px`);
        await close();
      }
    }
  }
}

export async function axe_finds_nothing_serious({ browser, start }) {
  const shown = { gaps: true, faults: true, unsupported: true, sick: true, moves: true };
  const others = [{ runId: "run-b", name: "another run", epochs: 8, past: 8, startedMs: -3_600_000 }, { runId: "run-c", layers: 5, startedMs: -7_200_000 }];
  const server = await start([shown, ...others], { unreadable: [{ name: "broken", problem: "events.sqlite is not a database" }] });
  let checked = 0;
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 400]) {
      for (const [hash, selector] of VIEWS) {
        // The policy of the page lets no test script in.
        const options = { hash, colorScheme, viewport: { width, height: 800 }, bypassCSP: true };
        const { page, close } = await open(browser, server, options);
        await page.waitForSelector(selector);
        for (const details of await page.locator("details").all()) await details.evaluate((each) => (each.open = true));
        await look(page, selector, `${hash}, ${colorScheme}, ${width} px`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        equal(overflow, false, `${hash}: wider than ${width} px`);
        checked += 1;
        await close();
      }
    }
  }
  return `${checked} pages`;
}
