import { PNG } from "pngjs";
import { check, equal, open, picturesIn, pointAt, says, turns, until } from "./page.mjs";

/** Moves the pointer over a pixel of the tile in a canvas, and gives its place and what is said of it. */
async function point(page, canvas, row, column) {
  const [rows, columns] = await canvas.evaluate((each) => [each.height, each.width]);
  const place = ({ width, height }) => ({ x: ((column + 0.5) / columns) * width, y: ((row + 0.5) / rows) * height });
  let said = "";
  const shown = async () => (said = (await page.locator(".pixel-readout").allTextContents()).join()).includes(`row ${row}, column ${column}`);
  await pointAt(canvas, shown, () => `the pixel is read: ${said}`, place);
  return said;
}

/** The three bytes of a tile's pixel, from the picture as the server sends it. */
function bytes(server, { image, columns, tile_width, tile_height }, tile, row, column) {
  const png = PNG.sync.read(server.timeline.run.png(image));
  const at = (Math.floor(tile / columns) * tile_height + row) * png.width + (tile % columns) * tile_width + column;
  return [...png.data.subarray(4 * at, 4 * at + 3)];
}

/** Three numbers that were said; of grey the same for each channel. */
function numbers(words) {
  const all = [...words.matchAll(/(?:red|green|blue|grey) ([+−]?[\d.]+)/g)].map(([, number]) => Number(number.replace("−", "-")));
  return all.length === 1 ? [...all, ...all, ...all] : all;
}

export async function the_pointer_reads_the_true_value_of_a_pixel({ browser, start }) {
  const server = await start();
  const { page, errors, close } = await open(browser, server, { hash: "#evolution?layer=head.conv&epoch=12" });
  await turns(() => picturesIn(page, ".inspector"), 3, "pictures in the inspector");
  const record = server.timeline.records.findLast(({ event }) => event.kind === "layer_features" && event.layer === "head.conv").event;
  const unit = record.followed[0];
  const said = await point(page, page.locator(".inspector .pair canvas").first(), 14, 17);
  check(said.includes("row 14, column 17") && said.includes("normalised input") && said.includes("8 bits"), `place, unit or exactness: ${said}`);
  const expected = bytes(server, record.atlas, unit.projection, 14, 17).map((byte) => ((byte - 127.5) / 127.5) * unit.projection_scale);
  const step = unit.projection_scale / 127.5;
  const found = numbers(said);
  equal(found.length, 3, `three channels in ${said}`);
  found.forEach((value, at) => check(Math.abs(value - expected[at]) <= step, `${value} is not ${expected[at]} in ${said}`));
  const patch = await point(page, page.locator(".inspector .pair canvas").nth(1), 3, 5);
  equal(numbers(patch), bytes(server, record.atlas, unit.patch, 3, 5), `the image's bytes in ${patch}`);
  await page.keyboard.press("z");
  await page.waitForSelector(".enlarged[open]");
  const value = () => page.textContent(".enlarged-value");
  const [rows, columns] = [32, 32];
  await says(value, new RegExp(`^row ${rows / 2}, column ${columns / 2}:`), "it begins in the middle");
  for (const key of ["ArrowLeft", "ArrowUp", "ArrowUp", "Shift+ArrowRight"]) await page.keyboard.press(key);
  await says(value, /^row 14, column 20:/, "the keys move");
  await turns(async () => numbers(await value()), bytes(server, record.atlas, unit.patch, 14, 20), "the value there");
  await turns(() => page.textContent(".epoch-name"), "epoch 12", "the keys belong to the picture");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".enlarged[open]", { state: "detached" });
  equal(errors, [], "errors on the page");
  await close();
}

export async function every_view_with_pictures_reads_their_pixels({ browser, start }) {
  const server = await start();
  for (const [hash, selector, unit] of [
    ["#overview", ".layer-strip canvas", "normalised input"],
    ["#evolution?rows=strongest", ".ranking canvas", "normalised input"],
    ["#evolution?show=film", ".frame-of-film canvas", "normalised input"],
    ["#evolution?show=pair", ".pairs canvas", "normalised input"],
    ["#filters", ".wall canvas", "weight"],
    ["#filters?layer=blocks.1.conv", ".wall canvas", "weight, of the shared pattern"],
    ["#activations", ".map-tile canvas", "activation"],
    ["#units", ".unit-card canvas", "normalised input"],
    ["#units?map=3", ".hit canvas", "normalised input"],
    ["#directions", ".direction-hit canvas", "of 255"],
    ["#embedding?image=5", ".pinned-image canvas", "of 255"],
    ["#occlusion?image=3", ".image-figure canvas", "of 255"],
  ]) {
    const { page, errors, close } = await open(browser, server, { hash });
    const canvas = page.locator(selector).first();
    await canvas.waitFor();
    await until(() => canvas.evaluate((each) => each.hasAttribute("data-drawn")), `${hash}: drawn`);
    await canvas.scrollIntoViewIfNeeded();
    const said = await point(page, canvas, 1, 2);
    check(said.includes("row 1, column 2") && said.includes(unit), `${hash}: ${said}`);
    equal(errors, [], `errors in ${hash}`);
    await close();
  }
}

export async function pictures_are_made_larger_and_enlarged({ browser, start }) {
  const server = await start();
  for (const [hash, selector] of [
    ["#overview", ".layer-strip canvas"],
    ["#evolution", ".cell canvas"],
    ["#filters", ".wall canvas"],
    ["#activations", ".map-tile canvas"],
    ["#units?map=3", ".hit canvas"],
    ["#directions", ".direction-hit canvas"],
  ]) {
    const { page, close } = await open(browser, server, { hash });
    const canvas = page.locator(selector).first();
    await canvas.waitFor();
    const width = () => canvas.evaluate((each) => each.clientWidth);
    const before = await width();
    await page.locator(".size input").first().fill(hash === "#evolution" ? "160" : "2");
    await until(async () => (await width()) >= 1.4 * before, `${hash}: larger than ${before}`);
    await canvas.scrollIntoViewIfNeeded();
    await turns(() => canvas.evaluate((each) => getComputedStyle(each).imageRendering), "pixelated", `${hash}: crisp`);
    await close();
  }
  const { page, close } = await open(browser, server, { hash: "#filters" });
  await page.locator(".filter").nth(2).waitFor();
  await page.locator(".filter").nth(2).focus();
  await page.keyboard.press("z");
  await page.waitForSelector(".enlarged[open]");
  await turns(() => page.textContent("#enlarged-title"), "filter 2", "the one with the focus");
  await until(async () => (await page.locator(".enlarged canvas").evaluate((each) => each.clientWidth)) > 300, "it is large");
  await close();
}
