import { check, counted, equal, open, picturesIn, pixelsOf, pointAt, says, turns, until } from "./page.mjs";

const SETTLED = { epochs: 30, past: 30 };
const name = (page) => page.textContent(".epoch-name");

/** Where on its row of the clock an epoch is. */
const onEpoch = (epoch, epochs) => (box) => ({ x: ((epoch + 0.5) / (epochs + 1)) * box.width, y: box.height / 2 });

export async function the_clock_shows_layers_by_epochs_and_says_what_has_settled({ browser, start }) {
  const server = await start({ ...SETTLED, moves: true, gaps: true });
  const { page, errors, close } = await open(browser, server, { hash: "#settling" });
  await page.waitForSelector(".clock-row");
  await counted(page.locator(".clock-row"), 4, "rows");
  const colours = await page.locator(".clock-row canvas").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 2, canvas.width, 1);
    const found = new Set();
    let open = 0;
    for (let at = 0; at < data.length; at += 4) {
      found.add(data.slice(at, at + 3).join());
      if (data[at + 3] === 0) open += 1;
    }
    return { found: found.size, open };
  });
  check(colours.found > 8, `${colours.found} colours`);
  check(colours.open > 20, "dropped epochs are not left open");
  await says(() => page.textContent(".said"), /conv1 at epoch \d+/, "no statement");
  await says(() => page.textContent(".statement"), "95 % interval", "no rank correlation");
  await says(() => page.locator(".clock tbody tr").nth(1).textContent(), /1 ×/, "not told that a layer moved again");
  await says(() => page.textContent(".settling-figure"), "Learning rate", "no learning rate");
  equal(errors, [], "errors on the page");
  await close();
}

export async function a_cell_of_the_clock_selects_layer_and_epoch_everywhere({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(SETTLED), { hash: "#settling" });
  await page.waitForSelector(".clock-row");
  const third = page.locator(".clock tbody tr:nth-child(3) .clock-row");
  const readout = () => page.locator(".settling-readout h2").allTextContents();
  await pointAt(third, async () => (await readout()).join() === "blocks.1.conv, epoch 7", "the cell's numbers", onEpoch(7, 30));
  await turns(() => name(page), "epoch 30", "pointing selects nothing");
  await third.click({ position: onEpoch(7, 30)(await third.boundingBox()) });
  await turns(() => name(page), "epoch 7", "the slider follows");
  await until(() => /layer=blocks\.1\.conv&epoch=7/.test(page.url()), "the address follows");
  await page.keyboard.press("4");
  await page.waitForSelector(".grid .cell.selected");
  await turns(() => page.textContent(".head.selected"), "7", "the grid follows");
  await turns(() => page.textContent(".layers [aria-current] b"), "blocks.1.conv", "the layer follows");
  const strip = page.locator(".clock-strip .cells");
  await strip.click({ position: { ...onEpoch(12, 30)(await strip.boundingBox()), y: 3 } });
  await turns(() => page.textContent(".head.selected"), "12", "the grid follows the strip");
  await turns(() => page.textContent(".layers [aria-current] b"), "conv1", "the layer follows the strip");
  equal(errors, [], "errors on the page");
  await close();
}

export async function the_clock_shows_any_quantity({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(SETTLED), { hash: "#settling" });
  const pixels = () => page.locator(".clock-row canvas").first().evaluate((canvas) => canvas.toDataURL());
  await page.waitForSelector(".clock-row");
  const seen = new Set();
  for (const value of ["change", "weights", "overlap", "jumps", "projections", "now"]) {
    await page.selectOption(".settling .picker select", value);
    await until(async () => !seen.has(await pixels()), `${value} looks like another quantity`);
    seen.add(await pixels());
    await counted(page.locator(".settling-figure .uplot"), 2, "charts");
  }
  await until(() => page.url().includes("quantity=now"), "the quantity in the address");
  equal(errors, [], "errors on the page");
  await close();
}

export async function frozen_layers_few_images_and_older_runs_are_told({ browser, start }) {
  const frozen = await open(browser, await start({ ...SETTLED, frozen: true }), { hash: "#settling?layer=conv1" });
  await frozen.page.waitForSelector(".settling-state.frozen");
  await says(() => frozen.page.textContent(".settling-readout"), "are frozen, and it has not changed", "frozen is not explained");
  await frozen.close();
  const few = await open(browser, await start({ few: true }), { hash: "#settling" });
  await few.page.waitForSelector(".statement");
  await says(() => few.page.textContent(".statement"), "there are only 3 probe images", "few images are not told");
  await counted(few.page.locator(".settling-state.too_few_images"), 4, "states that say why");
  await few.page.goto(few.page.url().replace(/#.*/, "#embedding"));
  await says(() => few.page.textContent(".notice"), "at least 8 probe images, there are 3", "no reason for no embedding");
  equal(await few.page.textContent(".study-words"), "Not computed", "nothing is to come");
  await few.close();
  const lines = await open(browser, await start({ lines: true, constant: true }), { hash: "#filters" });
  await says(() => lines.page.textContent(".notice"), "convolution over lines", "no reason for no filters");
  await lines.page.goto(lines.page.url().replace(/#.*/, "#settling?layer=blocks.0.conv"));
  await says(() => lines.page.textContent(".settling-readout"), "computes the same for all probe images", "constant is not explained");
  await says(() => lines.page.textContent(".said"), "blocks.0.conv constant", "constant is not said");
  await lines.close();
  const old = await open(browser, await start({ old: true }), { hash: "#settling" });
  await old.page.waitForSelector(".notice");
  await says(() => old.page.textContent(".notice"), "does not say which layers have settled", "an older run is not told");
  await old.page.keyboard.press("4");
  await old.page.waitForSelector(".cell");
  await counted(old.page.locator(".clock-strip"), 0, "a clock without readings");
  equal([...frozen.errors, ...few.errors, ...lines.errors, ...old.errors], [], "errors on the page");
  await old.close();
}

export async function a_film_strip_plays_one_map({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#evolution?show=film&epoch=3" });
  await turns(() => picturesIn(page, ".frame-of-film"), 3, "projection, patch and image");
  await until(async () => (await picturesIn(page, ".grid.one")) > 8, "no strip");
  const before = await pixelsOf(page, ".frame-of-film");
  await page.selectOption(".speed select", "16");
  await page.locator("main").focus();
  await page.keyboard.press(" ");
  await turns(() => name(page), "epoch 12", "played to the end");
  await until(async () => ![before, undefined].includes(await pixelsOf(page, ".frame-of-film")), "another frame");
  await page.keyboard.press("m");
  await turns(() => page.getAttribute(".map-picker [aria-pressed=true]", "aria-label"), "Map 1", "the next map");
  await says(() => page.textContent(".frame-words h3"), /^map 1,/, "the frame does not follow");
  await counted(page.locator(".grid.one .row"), 1, "rows of the strip");
  await page.goto(page.url().replace(/#.*/, "#evolution?show=film&layer=conv1&map=1"));
  const jumps = /in the epochs ([\d, ]+)/.exec(await page.getAttribute(".jump-track canvas", "aria-label"))[1].split(", ");
  await page.goto(page.url().replace(/#.*/, `#evolution?show=film&layer=conv1&map=1&epoch=${jumps[0]}`));
  await counted(page.locator(".frame-words .jump-words"), 1, "the jump is named");
  await page.keyboard.press("f");
  await page.waitForSelector(".grid:not(.one)");
  equal(errors, [], "errors on the page");
  await close();
}

export async function two_epochs_are_compared_side_by_side({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#evolution?show=pair&epoch=9&against=2" });
  await until(async () => (await picturesIn(page, ".pairs")) >= 40, "pictures of both epochs");
  const heads = () => page.locator(".head-of-pair b").allTextContents();
  await turns(heads, ["A: epoch 2", "B: epoch 9"], "epochs");
  await counted(page.locator(".between p"), 16, "maps");
  const words = async () => (await page.locator(".between p").allTextContents()).join();
  await says(words, "jump", "differences");
  await says(words, "same image", "differences");
  await page.keyboard.press("x");
  await turns(heads, ["A: epoch 9", "B: epoch 2"], "swapped");
  await until(() => page.url().includes("epoch=2") && page.url().includes("against=9"), "both in the address");
  await page.keyboard.press("r");
  await counted(page.locator(".pairs li"), 9, "the strongest");
  equal(errors, [], "errors on the page");
  await close();
}
