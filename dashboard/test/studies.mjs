import { check, counted, equal, open, picturesIn, pixelsOf, pointAt, says, turns, until } from "./page.mjs";

const words = (page) => page.textContent(".study-words");

export async function activations_show_every_map_of_an_image({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#activations" });
  await until(async () => (await picturesIn(page, ".map-wall")) > 8, "maps with structure");
  await counted(page.locator(".map-tile"), 16, "maps");
  await says(() => words(page), /^Computed after epoch 10 \(2 epochs before the selected one, epoch 12\) in 0\.8 s, on schedule/, "of which epoch");
  const grey = await page.locator(".map-tile canvas").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.every((value, at) => at % 4 !== 1 || value === data[at - 1]);
  });
  equal(grey, false, "the maps are coloured");
  const tile = page.locator(".map-tile.live-map").nth(1);
  const value = async () => (await page.locator(".value-line").allTextContents()).join();
  await pointAt(tile.locator("canvas"), async () => /row 1[56], column 1[56]: ≈ [\d.]+/.test(await value()), "a value under the pointer");
  const map = await tile.getAttribute("data-number");
  await says(() => page.textContent(".map-pair"), `map ${map}`, "the inspector follows");
  await says(() => page.textContent(".reading-list"), "noise: 0.5", "no comparison with noise");
  await counted(page.locator(".distribution .uplot"), 6, "charts over the epochs");
  equal(errors, [], "errors on the page");
  await close();
}

export async function maps_are_sorted_filtered_found_and_scaled({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#activations?layer=blocks.0.conv" });
  await page.waitForSelector(".map-tile");
  const numbers = () => page.locator(".map-tile").evaluateAll((tiles) => tiles.map((tile) => tile.dataset.number).join());
  const first = await numbers();
  await page.selectOption(".map-sort select", "strongest");
  await until(async () => (await numbers()) !== first, "another order");
  await page.locator(".chips button", { hasText: "dead" }).click();
  await until(async () => (await page.locator(".map-tile").count()) === (await page.locator(".map-tile.dead-map").count()), "only dead ones");
  await until(async () => (await page.locator(".map-picture .dead-hatch").count()) > 0, "dead maps are not hatched");
  await page.locator(".chips button", { hasText: "all" }).click();
  await page.locator(".map-search input").fill("31");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.map-tile[data-number="31"][aria-current]');
  await page.locator("main").focus();
  const before = await pixelsOf(page, '.map-tile[data-number="31"]');
  await page.keyboard.press("s");
  await until(async () => (await pixelsOf(page, '.map-tile[data-number="31"]')) !== before, "one scale for all");
  await says(() => page.textContent(".scale-key"), /0\s*[\d.]+/, "no number at the ramp");
  await page.keyboard.press("i");
  await says(() => page.getAttribute('.image-track [aria-pressed="true"]', "title"), /^image 1/, "the next image");
  await says(() => page.textContent(".stage .notice"), "Nothing is known yet of the feature maps", "not told what is missing");
  await page.keyboard.press("I");
  await page.keyboard.press("N");
  await page.waitForSelector('.map-tile[data-number="30"][aria-current]');
  await page.locator('.map-tile[data-number="30"]').click();
  await page.waitForSelector(".unit-page");
  await says(() => page.url(), /#units.*map=30/, "not the page of the map");
  equal(errors, [], "errors on the page");
  await close();
}

export async function a_study_is_asked_for_and_comes({ browser, start }) {
  const server = await start();
  const { page, errors, close } = await open(browser, server, { hash: "#activations?image=9" });
  await page.waitForSelector(".study-bar .ask");
  await turns(() => page.textContent(".study-bar .ask"), "Compute now for epoch 12 g", "the button says for which epoch");
  await page.keyboard.press("g");
  await page.waitForSelector(".standing progress");
  await says(() => page.textContent(".standing"), /Being computed for epoch 12/, "no progress in words");
  await page.waitForSelector(".map-tile");
  await turns(() => words(page), "Computed after epoch 12 in 1.5 s, on request", "the result");
  await counted(page.locator(".standing"), 0, "the progress is gone");
  await page.goto(page.url().replace(/#.*/, "#units?layer=conv1&map=3"));
  await page.waitForSelector(".study-bar .ask");
  await page.click(".study-bar .ask");
  await page.click(".standing button");
  await turns(() => page.textContent(".standing"), "Cancelled.", "cancelled");
  await until(() => server.timeline.status.studies.length === 0, "the server knows");
  equal(errors, [], "errors on the page");
  await close();
}

export async function refusals_failures_and_replays_are_explained({ browser, start }) {
  const refusing = await open(browser, await start({ studies: "refuse" }), { hash: "#units" });
  await refusing.page.waitForSelector(".ask");
  await refusing.page.keyboard.press("g");
  await says(() => refusing.page.textContent(".standing.bad").catch(() => ""), "Ten studies wait already", "the reason");
  await refusing.close();
  const failing = await open(browser, await start({ studies: "fail" }), { hash: "#units" });
  await failing.page.waitForSelector(".ask");
  await failing.page.keyboard.press("g");
  await says(() => failing.page.textContent(".standing.bad").catch(() => ""), "an activation is not finite", "the fault");
  await failing.close();
  const replay = await open(browser, await start({}, { live: false }), { hash: "#activations" });
  await replay.page.waitForSelector(".map-tile");
  await says(() => replay.page.textContent(".study-note"), /^Only the training process can compute this/, "replay does not say why not");
  await counted(replay.page.locator(".ask"), 0, "a button that cannot work");
  await replay.close();
  const none = await open(browser, await start({ studies: "none" }), { hash: "#units" });
  await none.page.waitForSelector(".notice");
  await says(() => none.page.textContent(".notice"), "Press g or the button above", "not told what to do");
  await none.close();
  equal([...refusing.errors, ...failing.errors, ...replay.errors, ...none.errors], [], "errors on the page");
}

export async function units_show_what_excites_each_map({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#units?layer=blocks.0.conv" });
  await until(async () => (await picturesIn(page, ".unit-wall")) > 60, "patches and projections");
  await says(() => page.textContent(".picture-words"), "96 images: the probe images", "not told what was searched");
  const order = () => page.locator(".unit-card").evaluateAll((cards) => cards.map((card) => card.dataset.number).join());
  const first = await order();
  await page.selectOption(".map-sort select", "changed");
  await until(async () => (await order()) !== first, "another order");
  await until(async () => {
    const churn = (await page.locator(".unit-card .churn").allTextContents()).map(parseFloat);
    return churn.length > 1 && churn.every((each, at) => at === 0 || churn[at - 1] >= each);
  }, "most changed first");
  await page.locator(".chips button", { hasText: "not reproduced" }).click();
  await counted(page.locator(".unit-card"), 1, "the one that was not reproduced");
  await page.locator(".unit-card").click();
  await page.waitForSelector(".doubtful");
  await says(() => page.textContent(".doubtful"), /second look at it found [\d.]+/, "a hit that did not reproduce is not explained");
  equal(errors, [], "errors on the page");
  await close();
}

export async function a_map_has_a_page_of_its_own({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#units?layer=blocks.0.conv&map=4" });
  await until(async () => (await picturesIn(page, ".hits")) > 12, "large pictures");
  await counted(page.locator(".hit"), 9, "top images");
  await says(() => page.textContent(".hits"), "at the border: hatched is padding", "padding is not told");
  const image = () => page.textContent(".unit-side h2");
  const strongest = await image();
  await pointAt(page.locator(".hit").nth(2), async () => (await image()) !== strongest, "the whole image follows");
  await turns(() => page.locator(".unit-side .field").isVisible(), true, "no box of what the unit sees");
  await page.locator(".unit-film").scrollIntoViewIfNeeded();
  await until(async () => (await picturesIn(page, ".unit-frames")) > 12, "earlier studies");
  await counted(page.locator(".unit-frames li"), 3, "a frame for each study");
  await says(() => page.textContent(".unit-more"), "not an image that exists", "synthetic images are not called so");
  await page.locator(".unit-frames button").first().click();
  await says(() => words(page), /^Computed for the untrained model in/, "the study of that epoch");
  await page.locator("main").focus();
  await page.keyboard.press("n");
  await says(() => page.textContent(".unit-title h2"), /^Map 5/, "the next map");
  await page.keyboard.press("ArrowDown");
  await turns(() => page.textContent(".layers [aria-current] b"), "blocks.1.conv", "the next layer");
  await page.waitForSelector(".unit-wall");
  await page.goBack();
  await page.waitForSelector(".unit-page");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".unit-wall");
  equal(errors, [], "errors on the page");
  await close();
}

export async function many_maps_are_scrolled_and_pictured_on_request({ browser, start }) {
  const { page, errors, close } = await open(browser, await start({ wide: true }), { hash: "#units?layer=head.conv" });
  await page.waitForSelector(".unit-card");
  const cards = await page.locator(".unit-card").count();
  check(cards > 5 && cards < 60, `${cards} of 512 cards in the page`);
  await page.locator(".map-search input").fill("500");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".unit-page");
  await says(() => page.textContent(".map-verdict"), "No pictures were made of this map", "not told why there are none");
  await page.locator("main").focus();
  await page.keyboard.press("g");
  await until(async () => (await picturesIn(page, ".hits")) > 12, "its own study has pictures");
  equal(errors, [], "errors on the page");
  await close();
}
