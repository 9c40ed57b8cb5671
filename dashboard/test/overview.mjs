import { check, counted, equal, open, picturesIn, says, turns, until } from "./page.mjs";

const panel = async (page, name) => (await page.textContent(`.${name}-panel`).catch(() => "")) ?? "";
const answer = (page, name) => page.textContent(`.${name}-panel .answer`).catch(() => "");

export async function the_overview_comes_first_and_answers_every_question({ browser, start }) {
  const server = await start({ epochs: 30, past: 20, interval: 60_000 });
  const { page, errors, close } = await open(browser, server);
  await until(async () => (await answer(page, "training"))?.includes("Yes: training epoch 21"), "it trains");
  await says(() => panel(page, "training"), "time per epoch60 s", "no time per epoch");
  await says(() => panel(page, "training"), /remaining, about(9|10) min/, "no remaining time");
  await says(() => panel(page, "training"), /last sign of life(just now|\d+ s ago)/, "no sign of life");
  await turns(async () => (await answer(page, "health"))?.trim(), "Nothing alarming", "health");
  await says(() => panel(page, "health"), "in 20 analysed epochs", "not told what that rests on");
  await counted(page.locator(".metrics-panel .uplot"), 2, "main metrics");
  await says(() => panel(page, "metrics"), /best [\d.]+/, "no best value");
  await counted(page.locator(".layer-row"), 4, "layers");
  await says(() => panel(page, "settling"), "settled since", "no layer has settled");
  await until(async () => (await picturesIn(page, ".layer-strip")) >= 24, "pictures of the layers");
  await page.locator(".layer-row").nth(1).click();
  await page.waitForSelector(".clock-row");
  await says(() => page.url(), "layer=blocks.0.conv", "not that layer");
  await page.goBack();
  await page.locator(".layer-strip li a").first().click();
  await page.waitForSelector(".ranking [aria-pressed=true]");
  equal(errors, [], "errors on the page");
  await close();
}

export async function the_overview_names_the_worst_alert_and_what_was_left_out({ browser, start }) {
  const server = await start({ sick: true, gaps: true, faults: true, unsupported: true });
  const { page, errors, close } = await open(browser, server);
  await until(async () => (await answer(page, "health"))?.includes("No: "), "it is not healthy");
  const health = () => panel(page, "health");
  await says(() => answer(page, "health"), "3 critical alerts and 1 note", "no amount");
  await says(health, "2 epochs not analysed", "dropped");
  await says(health, "fault", "faults");
  await says(health, "a weight is not finite", "which fault");
  await says(health, "attention.mix cannot be analysed: unsupported operation Softmax", "unsupported");
  await says(() => panel(page, "settling"), "unsupported: Softmax", "the row of the unsupported layer");
  await page.locator(".worst a", { hasText: "What it means" }).click();
  await page.waitForSelector(".alert-card.selected details[open]");
  equal(errors, [], "errors on the page");
  await close();
}

export async function the_overview_claims_nothing_that_it_does_not_know({ browser, start }) {
  const cases = [
    [{ past: 0, killed: 1 }, {}, { training: /no sign of life/, health: /Too early to tell/, metrics: /No metrics were recorded/, settling: /Too early/, seeing: /untrained/ }],
    [{ past: 0, epochs: 9, interval: 60_000 }, {}, { training: /Yes: training epoch 1.*not known yet/s, metrics: /No metrics yet/, health: /Too early.*from epoch/s }],
    [{ past: 2, epochs: 9, killed: 3 }, { live: false }, { training: /It seems not: no sign of life for 2 min.*killed or suspended/s, health: /Too early|Nothing alarming/ }],
    [{ old: true }, {}, { training: /finished/, health: /Not known.*No rule watches/s, settling: /does not say/, seeing: /map \d+/ }],
    [{ few: true }, {}, { settling: /There are only 3 probe images/ }],
    [{ alike: true }, {}, { settling: /probe images are alike/, health: /probe images are alike/ }],
    [{ constant: true }, {}, { settling: /constant/, health: /No alert, but blocks\.0\.conv is constant/ }],
    [{ frozen: true }, {}, { settling: /frozen/ }],
    [{ sick: true }, {}, { settling: /dead/ }],
  ];
  for (const [options, how, expected] of cases) {
    const { page, errors, close } = await open(browser, await start(options, how));
    await page.waitForSelector(".panels");
    for (const [name, words] of Object.entries(expected)) {
      await says(() => panel(page, name), words, `${JSON.stringify(options)}: ${name} says ${words}`);
    }
    equal(errors, [], `errors with ${JSON.stringify(options)}`);
    await close();
  }
}

export async function sixty_layers_fit_on_the_overview({ browser, start }) {
  const { page, errors, close } = await open(browser, await start({ layers: 60, epochs: 4, past: 4 }));
  await counted(page.locator(".layer-row"), 60, "sixty rows");
  await says(() => panel(page, "seeing"), "4 of 60 layers", "not told that only some are shown");
  const height = await page.locator(".settling-panel").evaluate((each) => each.clientHeight);
  check(height < 1000, `the rows take ${height} px`);
  equal(errors, [], "errors on the page");
  await close();
}

export async function without_a_connection_the_page_claims_nothing_about_now({ browser, start }) {
  const server = await start({ epochs: 30, past: 8, interval: 60_000 });
  const { page, close } = await open(browser, server);
  await until(async () => (await answer(page, "training"))?.includes("Yes"), "it trains");
  await server.close();
  await says(() => answer(page, "training"), "Not known: it was training epoch 9", "it says what it last knew");
  await says(() => page.textContent(".state"), "when the connection was lost", "the header too");
  await counted(page.locator(".stop"), 0, "nothing can be stopped");
  await close();
}

export async function menus_open_on_a_small_screen({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { viewport: { width: 400, height: 800 } });
  await page.waitForSelector(".panels");
  const occlusion = page.locator(".views a", { hasText: "Occlusion" });
  await turns(() => occlusion.isVisible(), false, "closed at first");
  await page.click(".menu-button");
  await turns(() => page.getAttribute(".menu-button", "aria-expanded"), "true", "open");
  await counted(page.locator(".views a:visible"), 13, "all views");
  await page.keyboard.press("Escape");
  await turns(() => occlusion.isVisible(), false, "closed by Escape");
  await page.click(".menu-button");
  await occlusion.click();
  await page.waitForSelector(".occlusion");
  await turns(() => occlusion.isVisible(), false, "closed by choosing");
  await says(() => page.textContent(".menu-button"), "Occlusion", "it names the view");
  equal(errors, [], "errors on the page");
  await close();
}
