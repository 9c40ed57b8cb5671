import { counted, equal, open, picturesIn, pixelsOf, pointAt, says, turns, until } from "./page.mjs";

export async function evolution_shows_pictures_that_change_over_epochs_and_layers({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#evolution" });
  await until(async () => (await picturesIn(page, ".grid")) > 20, "pictures in the grid");
  await turns(() => picturesIn(page, ".inspector"), 3, "three pictures in the inspector");
  const late = await pixelsOf(page, ".inspector .pair");
  await page.keyboard.press("Home");
  await turns(() => page.textContent(".epoch-name"), "untrained", "the untrained epoch");
  await until(async () => ![late, undefined].includes(await pixelsOf(page, ".inspector .pair")), "another picture");
  const first = await pixelsOf(page, ".inspector .pair");
  await page.keyboard.press("ArrowDown");
  await until(async () => ![first, undefined].includes(await pixelsOf(page, ".inspector .pair")), "another layer's picture");
  await until(async () => (await page.locator(".cell .jump").count()) > 0, "no jump is marked");
  equal(errors, [], "errors on the page");
  await close();
}

export async function strongest_lists_the_epoch_ranked({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#evolution?rows=strongest&epoch=7" });
  await turns(() => picturesIn(page, ".ranking"), 18, "18 pictures");
  const numbers = (await page.locator(".ranking .value").allTextContents()).map(Number);
  equal(numbers, [...numbers].sort((a, b) => b - a), "ranked by value");
  await says(() => page.textContent(".ranking"), /image \d+ · \w/, "no class name");
  equal(errors, [], "errors on the page");
  await close();
}

export async function hovering_inspects_a_cell({ browser, start }) {
  const { page, close } = await open(browser, await start(), { hash: "#evolution?layer=head.conv" });
  await until(async () => (await picturesIn(page, ".grid")) > 8, "pictures");
  const cell = page.locator(".row").nth(1).locator(".cell").nth(3);
  const label = await cell.getAttribute("aria-label");
  const [, map, epoch, image] = /^map (\d+), epoch (\d+): image (\d+)/.exec(label) ?? [];
  const words = [`map ${map}`, `epoch ${epoch}`, `image${image}, class `];
  const shown = async () => {
    const said = await page.textContent(".inspector");
    return words.every((each) => said.includes(each));
  };
  await pointAt(cell, shown, `the inspector shows ${label}`);
  await turns(() => page.locator(".inspector .field").isVisible(), true, "no receptive field box");
  await close();
}

export async function filters_show_states_readings_and_charts({ browser, start }) {
  const { page, errors, close } = await open(browser, await start({ sick: true }), { hash: "#filters?epoch=3" });
  await turns(() => picturesIn(page, ".wall"), 15, "15 filters with a picture, one is all zeros");
  await counted(page.locator(".filter.zero"), 1, "filters of zeros");
  await turns(() => page.locator(".filter.noise_like .badge").first().textContent(), "N", "no letter for noise");
  await says(() => page.textContent(".picture-words"), "as it is", "not told that tiles are weights");
  const readout = () => page.textContent(".readout");
  await pointAt(page.locator(".filter").nth(4), async () => (await readout()).includes("Filter 4"), "a read-out");
  await says(readout, "distance", "its distance");
  await page.locator(".filter").nth(4).click();
  await until(() => page.url().includes("map=4"), "the filter in the address");
  await counted(page.locator(".uplot"), 2, "charts");
  await says(() => page.textContent(".caution"), "5×5", "no caution");
  await page.locator(".chips button", { hasText: "all zeros" }).click();
  await counted(page.locator(".filter"), 1, "only the dead one is shown");
  equal(errors, [], "errors on the page");
  await close();
}

export async function deeper_filters_name_their_twins({ browser, start }) {
  const server = await start({ sick: true });
  const { page, errors, close } = await open(browser, server, { hash: "#filters?layer=blocks.0.conv&only=duplicate" });
  await page.waitForSelector(".filter.duplicate");
  await says(() => page.textContent(".picture-words"), "dominant pattern", "not told what the tiles are");
  await page.locator(".filter").first().click();
  const twin = await page.textContent(".readout button.link");
  await page.click(".readout button.link");
  await says(async () => (await page.textContent(".readout h3")).toLowerCase(), `${twin}:`, `${twin} is selected`);
  await turns(() => page.locator(".filter[aria-pressed=true]").isVisible(), true, "the twin is not in sight");
  equal(errors, [], "errors on the page");
  await close();
}

export async function training_shows_every_metric({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#training" });
  await counted(page.locator(".uplot"), 3, "charts");
  await counted(page.locator("[aria-label='Latest values'] td"), 12, "the table");
  await says(() => page.textContent("[aria-label='Latest values']"), "Accuracy", "no metric in the table");
  await says(() => page.locator(".plot .reading").first().textContent(), /best .* at epoch \d+/, "no best epoch");
  equal(errors, [], "errors on the page");
  await close();
}

export async function keys_reach_everything({ browser, start }) {
  const { page, close } = await open(browser, await start(), { hash: "#evolution" });
  await until(async () => (await page.locator(".cell").count()) > 0, "cells");
  const epoch = () => page.textContent(".epoch-name");
  await turns(epoch, "epoch 12", "it starts at the newest");
  await page.keyboard.press("ArrowLeft");
  await turns(epoch, "epoch 11", "left");
  await page.keyboard.press("ArrowRight");
  await turns(epoch, "epoch 12", "right");
  await page.keyboard.press("ArrowDown");
  await turns(() => page.textContent(".layers [aria-current] b"), "blocks.0.conv", "down");
  for (const [key, selector] of [
    ["1", ".panels"],
    ["2", ".rules"],
    ["3", ".charts"],
    ["v", ".grid"],
    ["5", ".clock"],
    ["6", ".wall"],
    ["7", ".multiples"],
    ["c", ".compare"],
    ["8", ".map-wall"],
    ["9", ".unit-wall"],
    ["v", ".direction"],
    ["V", ".unit-wall"],
    ["0", ".direction"],
    ["v", ".small-embedding"],
    ["v", ".occlusion"],
    ["v", ".comparing"],
    ["v", ".panels"],
    ["V", ".comparing"],
    ["4", ".grid"],
  ]) {
    await page.keyboard.press(key);
    await page.waitForSelector(selector);
  }
  await page.keyboard.press("r");
  await page.waitForSelector(".ranking");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open] .keys");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog[open]", { state: "detached" });
  await page.selectOption(".speed select", "16");
  await page.locator("main").focus();
  await page.keyboard.press(" ");
  await until(async () => ["epoch 2", "epoch 3", "epoch 4"].includes(await epoch()), "playing");
  await turns(epoch, "epoch 12", "played to the end");
  await close();
}

export async function the_address_holds_the_state_and_back_goes_back({ browser, start }) {
  const server = await start();
  const { page, close } = await open(browser, server, { hash: "#evolution?layer=blocks.1.conv&epoch=5" });
  await turns(() => page.textContent(".epoch-name").catch(() => ""), "epoch 5", "epoch 5");
  await turns(() => page.textContent(".layers [aria-current] b"), "blocks.1.conv", "layer");
  await page.keyboard.press("3");
  await page.waitForSelector(".charts");
  await page.goBack();
  await page.waitForSelector(".grid");
  await turns(() => page.textContent(".epoch-name"), "epoch 5", "after going back");
  await close();
}

export async function gaps_faults_and_unsupported_layers_are_told({ browser, start }) {
  const server = await start({ gaps: true, faults: true, unsupported: true });
  const { page, close } = await open(browser, server, { hash: "#evolution?layer=head.conv" });
  await page.waitForSelector(".gap");
  await says(async () => (await page.locator(".gap").allTextContents()).join(), "analysis was still busy", "no words for a dropped snapshot");
  await turns(() => page.textContent(".count.notable"), "2 dropped", "dropped");
  await page.click(".count.alarming");
  await says(() => page.textContent("dialog[open]"), "a weight is not finite", "fault not listed");
  await page.keyboard.press("Escape");
  await page.locator(".layers button", { hasText: "attention.mix" }).click();
  await says(() => page.textContent(".stage .notice"), "unsupported: Softmax", "unsupported not told");
  await close();
}

export async function dark_mode_follows_the_system_and_the_button({ browser, start }) {
  const server = await start();
  const { page, close } = await open(browser, server, { hash: "#evolution", colorScheme: "dark" });
  const light = () =>
    page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.querySelector(".top")).backgroundColor)[0]) > 128);
  await page.waitForSelector(".cell");
  await turns(light, false, "dark by the system");
  await page.click("button[aria-label^=Colours]");
  await turns(light, true, "light by the button");
  await page.reload();
  await page.waitForSelector(".cell");
  await turns(light, true, "remembered");
  await close();
}
