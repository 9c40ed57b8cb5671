import { check, counted, equal, open, picturesIn, until } from "./page.mjs";

const panel = async (page, name) => (await page.textContent(`.${name}-panel`).catch(() => "")) ?? "";
const answer = (page, name) => page.textContent(`.${name}-panel .answer`).catch(() => "");

export async function the_overview_comes_first_and_answers_every_question({ browser, start }) {
  const server = await start({ epochs: 30, past: 20, interval: 60_000 });
  const { page, errors, close } = await open(browser, server);
  await until(async () => (await answer(page, "training"))?.includes("Yes: training epoch 21"), "it trains");
  check((await panel(page, "training")).includes("time per epoch60 s"), `no time per epoch: ${await panel(page, "training")}`);
  check(/remaining, about(9|10) min/.test(await panel(page, "training")), `no remaining time: ${await panel(page, "training")}`);
  check((await panel(page, "training")).match(/last sign of life(just now|\d+ s ago)/), "no sign of life");
  equal((await answer(page, "health")).trim(), "Nothing alarming", "health");
  check((await panel(page, "health")).includes("in 20 analysed epochs"), `not told what that rests on: ${await panel(page, "health")}`);
  await counted(page.locator(".metrics-panel .uplot"), 2, "main metrics");
  check(/best [\d.]+/.test(await panel(page, "metrics")), "no best value");
  await counted(page.locator(".layer-row"), 4, "layers");
  check((await panel(page, "settling")).includes("settled since"), "no layer has settled");
  await until(async () => (await picturesIn(page, ".layer-strip")) >= 24, "pictures of the layers");
  await page.locator(".layer-row").nth(1).click();
  await page.waitForSelector(".clock-row");
  check(page.url().includes("layer=blocks.0.conv"), `not that layer: ${page.url()}`);
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
  const words = await panel(page, "health");
  check((await answer(page, "health")).includes("3 critical alerts and 1 note"), `no amount: ${words}`);
  check(words.includes("2 epochs not analysed"), `dropped: ${words}`);
  check(words.includes("fault") && words.includes("a weight is not finite"), `faults: ${words}`);
  check(words.includes("attention.mix cannot be analysed: unsupported operation Softmax"), `unsupported: ${words}`);
  check((await panel(page, "settling")).includes("unsupported: Softmax"), "the row of the unsupported layer");
  await page.locator(".worst a", { hasText: "What it means" }).click();
  await page.waitForSelector(".alert-card.selected details[open]");
  equal(errors, [], "errors on the page");
  await close();
}

export async function the_overview_claims_nothing_that_it_does_not_know({ browser, start }) {
  const cases = [
    [{ past: 0, killed: 1 }, {}, { training: /no sign of life/, health: /Too early to tell/, metrics: /No metrics were recorded/, settling: /Too early/, seeing: /untrained/ }],
    [{ past: 0, epochs: 9, interval: 60_000 }, {}, { training: /Yes: training epoch 1.*not known yet/s, metrics: /No metrics yet/, health: /Too early.*from epoch/s }],
    [{ past: 2, epochs: 9, killed: 3 }, { live: false }, { training: /It seems not: no sign of life for 2 min.*killed or lost/s, health: /Too early|Nothing alarming/ }],
    [{ old: true }, {}, { training: /finished/, health: /Not known.*No rule watches/s, settling: /does not say/, seeing: /map \d+/ }],
    [{ few: true }, {}, { settling: /at least 4 probe images; this run has 3/ }],
    [{ frozen: true }, {}, { settling: /frozen/ }],
    [{ sick: true }, {}, { settling: /dead/ }],
  ];
  for (const [options, how, expected] of cases) {
    const { page, errors, close } = await open(browser, await start(options, how));
    await page.waitForSelector(".panels");
    for (const [name, words] of Object.entries(expected)) {
      await until(async () => words.test(await panel(page, name)), `${JSON.stringify(options)}: ${name} says ${words}: ${await panel(page, name)}`, 3000).catch(async (error) => {
        throw new Error(`${error.message}; it says ${await panel(page, name)}`);
      });
    }
    equal(errors, [], `errors with ${JSON.stringify(options)}`);
    await close();
  }
}

export async function sixty_layers_fit_on_the_overview({ browser, start }) {
  const { page, errors, close } = await open(browser, await start({ layers: 60, epochs: 4, past: 4 }));
  await until(async () => (await page.locator(".layer-row").count()) === 60, "sixty rows");
  check((await panel(page, "seeing")).includes("4 of 60 layers"), "not told that only some are shown");
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
  await until(async () => (await answer(page, "training")).includes("Not known: it was training epoch 9"), "it says what it last knew");
  await until(async () => (await page.textContent(".state")).includes("when the connection was lost"), "the header too");
  equal(await page.locator(".stop").count(), 0, "nothing can be stopped");
  await close();
}

export async function menus_open_on_a_small_screen({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { viewport: { width: 400, height: 800 } });
  await page.waitForSelector(".panels");
  const occlusion = page.locator(".views a", { hasText: "Occlusion" });
  equal(await occlusion.isVisible(), false, "closed at first");
  await page.click(".menu-button");
  equal(await page.getAttribute(".menu-button", "aria-expanded"), "true", "open");
  await counted(page.locator(".views a:visible"), 13, "all views");
  await page.keyboard.press("Escape");
  equal(await occlusion.isVisible(), false, "closed by Escape");
  await page.click(".menu-button");
  await occlusion.click();
  await page.waitForSelector(".occlusion");
  equal(await occlusion.isVisible(), false, "closed by choosing");
  await until(async () => (await page.textContent(".menu-button")).includes("Occlusion"), "it names the view");
  equal(errors, [], "errors on the page");
  await close();
}
