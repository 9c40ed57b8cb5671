import { counted, equal, open, picturesIn, pointAt, says, turns, until } from "./page.mjs";

const THIRTY = { epochs: 30, past: 30 };
const FIRST = "#occlusion?image=3&layer=blocks.1.conv";

/** How many maps under `selector` have more than `colours` colours. */
function painted(page, selector, colours = 1) {
  return page.evaluate(
    ([within, least]) => {
      let count = 0;
      for (const canvas of document.querySelectorAll(`${within} canvas.plane[data-painted]`)) {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const found = new Set();
        for (let at = 0; at < data.length; at += 4) found.add(data.slice(at, at + 4).join());
        if (found.size > least) count += 1;
      }
      return count;
    },
    [selector, colours],
  );
}

export async function covering_an_image_shows_what_prediction_and_layers_depend_on({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(THIRTY), { hash: FIRST });
  await turns(() => painted(page, ".prediction"), 2, "maps of probability and class");
  await turns(() => painted(page, ".occluded-layer", 8), 1, "the layer's map");
  await until(async () => (await picturesIn(page, ".prediction")) >= 4, "image and mean drop");
  await until(async () => (await picturesIn(page, ".occluded-layer")) >= 4, "image, projection and mean drop");
  await says(() => page.textContent(".prediction .panel-words"), /ring a probability of \d+(\.\d+)? %/, "the clean probability");
  await turns(async () => (await page.locator(".class-key li").allTextContents())[0], "ring, as for the whole image", "the clean class");
  await until(async () => (await page.locator(".class-key li").count()) > 1, "other classes");
  await says(() => page.textContent(".occluded-layer .map-key"), /100 % \([\d.]+\)/, "shares and sums");
  const agreement = () => page.textContent(".two-pictures");
  await says(agreement, /Ranks agree 0\.\d\d; projections of other images reach 0\.\d\d\./, "ranks");
  await says(agreement, /The top 20 % overlap by 0\.\d\d; projections of other images reach 0\.\d\d\./, "overlap");
  await counted(page.locator("[aria-label='All layers'] li"), 4, "layers");
  await page.keyboard.press("ArrowUp");
  await says(() => page.textContent(".occluded-layer h2"), "blocks.0.conv", "the layer above");
  await page.locator("[aria-label='All layers'] button", { hasText: "head.conv" }).click();
  await says(() => page.textContent(".occluded-layer h2"), "head.conv", "the layer that was clicked");
  await page.keyboard.press("o");
  await turns(() => page.textContent(".tools .segments [aria-pressed=true]"), "Alone", "maps alone");
  await page.keyboard.press("s");
  await until(() => page.url().includes("colours=fitted"), "fitted colours in the address");
  for (const [key, image] of [["i", 4], ["I", 3], ["I", 2]]) {
    await page.keyboard.press(key);
    await turns(() => page.textContent(".image-strip [aria-pressed=true] span"), `image ${image}`, `image ${image}`);
  }
  equal(errors, [], "errors on the page");
  await close();
}

export async function pointing_outlines_the_square_on_all_pictures({ browser, start }) {
  const server = await start(THIRTY);
  const { page, errors, close } = await open(browser, server, { hash: FIRST, viewport: { width: 1280, height: 1600 } });
  await turns(() => painted(page, ".prediction"), 2, "the maps");
  await counted(page.locator(".covered .square"), 2, "squares at rest: where they cost most");
  const covered = page.locator(".prediction .covered").nth(1);
  const readout = async () => (await page.locator(".square-readout").allTextContents()).join();
  // The centre of the square in row 4 and column 2 of the positions.
  const place = ({ width, height }) => ({ x: ((4 + 4) / 32) * width, y: ((8 + 4) / 32) * height });
  await pointAt(covered, async () => (await readout()).includes("rows 8 to 15, columns 4 to 11"), "the square in words", place);
  await counted(page.locator(".covered .square"), await page.locator(".covered").count(), "squares");
  const id = await page.evaluate(async () => {
    const { name } = performance.getEntriesByType("resource").findLast(({ name }) => name.includes("/documents/"));
    return name;
  });
  const sheet = await (await page.request.get(id)).json();
  equal(sheet.document, "occlusion", "document");
  await says(readout, /ring [\d.]+ % (falls|rises) by [\d.]+ points/, "probability and drop");
  await says(readout, /taken for \w+/, "class");
  await says(readout, /map \d+: sum [\d.]+ (falls|rises) by [\d.]+ %/, "sum");
  await until(async () => {
    const [box, square] = [await covered.boundingBox(), await covered.locator(".square").boundingBox()];
    return Math.abs(square.width - box.width / 4) < 1 && Math.abs(square.x - box.x - box.width / 8) < 1;
  }, "the square is to scale");
  await page.mouse.move(5, 5);
  await counted(page.locator(".covered .square"), 2, "at rest again");
  equal(errors, [], "errors on the page");
  await close();
}

export async function other_squares_classes_and_maps_are_computed_on_request({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(THIRTY), { hash: FIRST });
  await page.waitForSelector(".prediction");
  await page.getByRole("spinbutton", { name: "side" }).fill("5");
  await page.keyboard.press("Enter");
  await says(() => page.textContent(".cost"), "28 × 28 = 784 positions", "what it costs");
  await page.getByRole("button", { name: "blur" }).click();
  await page.waitForSelector(".notice");
  await page.locator("main").focus();
  await page.keyboard.press("g");
  await page.waitForSelector(".standing progress");
  await until(async () => (await page.textContent(".image-figure .map-note"))?.includes("5×5 px, filled with the image itself, blurred"), "the new square");
  await page.locator(".variants a", { hasText: "8×8 px, step 2, grey" }).click();
  await until(async () => (await page.textContent(".image-figure .map-note"))?.includes("8×8 px, filled with grey"), "the usual square");
  await turns(() => page.locator(".variants a").allTextContents(), ["5×5 px, step 1, blur"], "what else there is");
  await page.selectOption(".square-settings select", { label: "cross" });
  await page.locator(".study-bar .ask").click();
  await until(async () => ((await page.locator(".prediction .figures b").allTextContents())[1] ?? "") === "Probability of cross", "another class");
  await page.selectOption(".square-settings select", "");
  await page.waitForSelector(".occluded-layer");
  await page.getByLabel("Map", { exact: true }).fill("7");
  await page.keyboard.press("Enter");
  await page.locator(".occluded-layer .ask").click();
  await turns(() => painted(page, ".occluded-layer", 8), 1, "the chosen map");
  await says(() => page.textContent(".occluded-layer h2"), /^What map 7 of blocks\.1\.conv/, "its name");
  await says(() => page.url(), "map=7", "the map in the address");
  await page.locator("main").focus();
  await page.keyboard.press("n");
  await says(() => page.textContent(".occluded-layer h2"), "map 8", "the next map");
  await says(() => page.textContent(".occluded-layer .study-words"), "not known yet", "not computed");
  await page.keyboard.press("Escape");
  await says(() => page.textContent(".occluded-layer h2"), "strongest", "the strongest again");
  equal(errors, [], "errors on the page");
  await close();
}

export async function the_epochs_of_an_occlusion_are_fetched_when_they_come_into_view({ browser, start }) {
  const server = await start({ epochs: 60, past: 60 });
  const { page, errors, close } = await open(browser, server, { hash: "#occlusion?epoch=0", viewport: { width: 1280, height: 700 } });
  await turns(() => painted(page, ".prediction"), 2, "the maps");
  equal(server.asked.documents, 1, "documents before the history is seen");
  await counted(page.locator(".history li"), 8, "the epochs");
  await page.locator(".history").scrollIntoViewIfNeeded();
  await turns(() => painted(page, ".history"), 8, "a map of each");
  equal(server.asked.documents, 8, "documents");
  await page.locator(".history button", { hasText: "epoch 60" }).click();
  await turns(() => page.textContent(".epoch-name"), "epoch 60", "the epoch follows");
  await says(() => page.textContent(".study-words"), "epoch 60", "the study follows");
  await page.locator(".history .segments button").nth(1).click();
  await says(() => page.textContent(".history .panel-words"), "strongest map of conv1", "the layer's maps");
  equal(errors, [], "errors on the page");
  await close();
}

export async function networks_without_classes_replays_and_failures_are_told({ browser, start }) {
  const classless = await open(browser, await start({ classless: true }), { hash: FIRST });
  await turns(() => painted(classless.page, ".occluded-layer", 8), 1, "the layer's map");
  await says(() => classless.page.textContent("[aria-label=Prediction]"), "shape [8, 4, 4], not [numbers]", "no classes are not told");
  await classless.close();
  const replay = await open(browser, await start({}, { live: false }), { hash: "#occlusion?image=5" });
  await replay.page.waitForSelector(".notice");
  await says(() => replay.page.textContent(".notice"), "Only the training process", "a replay is not told");
  await replay.close();
  const failing = await open(browser, await start({ studies: "fail" }), { hash: "#occlusion?image=5" });
  await failing.page.waitForSelector(".ask");
  await failing.page.keyboard.press("g");
  await says(() => failing.page.textContent(".study-bar"), "Failed: occlusion of image 5", "a failure is not told", 60_000);
  await failing.close();
  equal([...classless.errors, ...replay.errors, ...failing.errors], [], "errors on the page");
}
