import { counted, equal, open, picturesIn, says, turns, until } from "./page.mjs";

const badge = (page) => page.textContent(".alert-badge").catch(() => "");

export async function an_alert_appears_and_leads_to_its_filters({ browser, start }) {
  const server = await start({ sick: true, past: 5, killed: 6 });
  const { timeline } = server;
  const train = (epoch) => {
    timeline.epoch(epoch);
    timeline.now({ epoch });
  };
  const { page, errors, close } = await open(browser, server, { hash: "#training" });
  await page.waitForSelector(".charts");
  await counted(page.locator(".alert-badge"), 0, "badges before there is an alert");
  train(6);
  await says(() => badge(page), /^2/, "a badge in any view");
  await says(() => badge(page), "the worst: critical", "the badge does not say how bad");
  await says(() => page.title(), /^2 alerts, critical · /, "title");
  await says(() => page.textContent(".announcer"), /^New alert, /, "not announced");
  await page.locator(".views a", { hasText: "Alerts" }).click();
  const card = page.locator(".alert-card", { hasText: "conv1: filters look like noise" });
  await card.waitFor();
  await says(() => card.textContent(), "critical", "no word for the severity");
  await card.locator("a", { hasText: "Show the 15 filters" }).click();
  await page.waitForSelector(".filter.ringed");
  await says(() => page.url(), /layer=conv1.*epoch=6.*statistic=noise_share/, "address");
  await turns(() => page.textContent(".layers [aria-current] b"), "conv1", "layer");
  await turns(() => page.textContent(".epoch-name"), "epoch 6", "epoch");
  await counted(page.locator(".filter.ringed"), 15, "filters with a ring");
  await counted(page.locator(".filter.ringed.noise_like"), 15, "they are those that look like noise");
  await says(() => page.textContent(".found-strip"), "conv1: filters look like noise", "not told why");
  for (const epoch of [7, 8, 9, 10]) train(epoch);
  await says(() => badge(page), /^3/, "one is over, two are new");
  const news = () => page.textContent(".announcer");
  await says(news, "head.conv: weights are not finite", "the last one is announced");
  await says(news, /3 active alerts in all\.$/, "announced");
  await turns(() => page.textContent(".epoch-name"), "epoch 6", "the epoch stays where the alert led");
  await page.keyboard.press("2");
  await counted(page.locator(".bar-of-alert"), 4, "four bars");
  train(11);
  await counted(page.locator(".bar-of-alert"), 5, "a bar for the new alert");
  await says(() => page.textContent(".rules tbody tr"), "1 alert", "its rule has an alert");
  equal(errors, [], "errors on the page");
  await close();
}

export async function the_timeline_selects_and_keys_open({ browser, start }) {
  const { page, errors, close } = await open(browser, await start({ sick: true }), { hash: "#alerts" });
  await counted(page.locator(".bar-of-alert"), 5, "five bars");
  const bar = page.locator(".bar-of-alert[aria-label^='conv1: ']");
  await turns(
    () => bar.getAttribute("aria-label"),
    "conv1: filters look like noise, raised in epoch 6, critical, warning from epoch 8; over in epoch 10",
    "a bar in words",
  );
  await bar.click();
  await says(() => page.textContent(".alert-card.selected"), "epoch 6 to 10", "the card is not selected");
  await until(() => decodeURIComponent(page.url()).includes("alert=6~noisy-filters~conv1"), "the alert in the address");
  await page.locator("main").focus();
  for (let step = 0; step < 6; step++) await page.keyboard.press("ArrowUp");
  await says(() => page.textContent(".alert-card.selected"), "loss is not finite", "the first card by keys");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".filter.not_finite.ringed");
  await turns(() => page.textContent(".layers [aria-current] b"), "head.conv", "layer");
  equal(errors, [], "errors on the page");
  await close();
}

export async function states_without_alerts_say_what_is_looked_at({ browser, start }) {
  const main = (page) => page.textContent("main").catch(() => "");
  const healthy = await open(browser, await start(), { hash: "#alerts" });
  await says(() => main(healthy.page), "8 rules watch 4 layers.", "the healthy state");
  await says(() => healthy.page.textContent(".rules"), "silenced", "silenced rules are not marked");
  await healthy.close();
  const early = await open(browser, await start({ past: 3, epochs: 4, killed: 4 }), { hash: "#alerts" });
  await says(() => main(early.page), "more begin with epoch 6", "warm-up");
  await early.close();
  const old = await open(browser, await start({ old: true }), { hash: "#alerts" });
  await says(() => main(old.page), "Its records name no rules", "no watchlist");
  await old.page.keyboard.press("7");
  await says(() => main(old.page), "no health statistics", "no statistics");
  await old.close();
}

export async function health_shows_every_statistic_with_its_thresholds({ browser, start }) {
  const server = await start({ sick: true, gaps: true });
  const { page, errors, close } = await open(browser, server, { hash: "#health?layer=head.conv" });
  await counted(page.locator(".multiple .uplot"), 15, "a chart per statistic");
  const noise = page.locator(".multiple", { hasText: "Noise share" });
  for (const words of ["critical", "warning", "ends", "random weights"]) {
    await says(() => noise.locator(".chart").getAttribute("aria-label"), words, "a word for each line of the chart");
  }
  const change = page.locator(".multiple", { hasText: "Change per epoch" });
  await says(() => change.textContent(), "not finite", "NaN is told");
  await change.locator("button").click();
  await says(() => page.textContent(".detail"), "Computed as", "no formula");
  await page.click(".detail .actions button:has-text('Compare')");
  await counted(page.locator(".strip"), 4, "layers side by side");
  await says(() => page.textContent(".compare tbody"), "not finite", "NaN in the comparison");
  await page.locator(".compare th button", { hasText: "conv1" }).click();
  await page.waitForSelector(".multiples");
  await says(() => page.textContent(".group"), "Not applicable here, or not known: Sparsity.", "absent ones are not told");
  equal(errors, [], "errors on the page");
  await close();
}

export async function five_hundred_filters_stay_quick({ browser, start }) {
  const server = await start({ wide: true, sick: true, layers: 3 });
  const { page, errors, close } = await open(browser, server, { hash: "#filters?layer=blocks.1.conv" });
  await until(async () => (await picturesIn(page, ".wall")) > 20, "pictures");
  await until(async () => (await page.locator(".filter").count()) < 120, "all filters are in the page");
  const times = await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const times = [];
    for (let step = 0; step < 20; step++) {
      const begin = performance.now();
      dispatchEvent(new KeyboardEvent("keydown", { key: step < 10 ? "ArrowLeft" : "ArrowRight" }));
      await frame();
      times.push(performance.now() - begin);
    }
    return times.sort((a, b) => a - b);
  });
  await page.locator(".wall").evaluate((wall) => (wall.scrollTop = wall.scrollHeight));
  await page.locator(".filter", { hasText: "511" }).waitFor();
  equal(errors, [], "errors on the page");
  await close();
  return `${times[10].toFixed(0)} ms per epoch (longest ${times[19].toFixed(0)})`;
}
