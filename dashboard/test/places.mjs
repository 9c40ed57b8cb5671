// Whatever is placed on an image lies where it was recorded, whatever the image's size and its thumbnail's.
import { check, counted, equal, open, says, turns, until } from "./page.mjs";

const SHAPES = [
  [1, 224, 224],
  [3, 96, 160],
  [13, 16, 16],
];

/** Where the planes of an image lie in it, in pixels of the image: channels that are no colours in rows. */
function planes([channels, height, width]) {
  const count = channels === 3 ? 1 : channels;
  const columns = Math.ceil(Math.sqrt(count));
  const whole = { height: Math.ceil(count / columns) * (height + 1) - 1, width: columns * (width + 1) - 1 };
  const corners = Array.from({ length: count }, (_, plane) => ({ top: Math.floor(plane / columns) * (height + 1), left: (plane % columns) * (width + 1) }));
  return { whole, corners };
}

/** Where elements lie in another one, in pixels of the image that it shows. */
function places(page, frame, inner, whole) {
  return page.evaluate(
    ([outer, within, { height, width }]) => {
      const all = document.querySelector(outer);
      if (all === null) return [];
      const box = all.getBoundingClientRect();
      return [...all.querySelectorAll(within)].map((each) => {
        const { top, left, bottom, right } = each.getBoundingClientRect();
        const [down, across] = [(y) => ((y - box.top) / box.height) * height, (x) => ((x - box.left) / box.width) * width];
        return { top: down(top), left: across(left), bottom: down(bottom), right: across(right) };
      });
    },
    [frame, inner, whole],
  );
}

/** Waits until elements lie where `expected` says, to a screen pixel. */
async function lie(page, frame, inner, whole, expected, words) {
  let found;
  const scale = () => page.evaluate((outer) => document.querySelector(outer).getBoundingClientRect().width, frame);
  await page.waitForSelector(`${frame} ${inner}`);
  // Half a screen pixel to each side, and the frame around a box.
  const slack = (3.5 * whole.width) / (await scale());
  await until(
    async () => {
      found = await places(page, frame, inner, whole);
      return found.length === expected.length && found.every((each, at) => ["top", "left", "bottom", "right"].every((side) => Math.abs(each[side] - expected[at][side]) <= slack));
    },
    () => `${words}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)} within ${slack}`,
  );
}

const box = (top, left, height, width) => ({ top, left, bottom: top + height, right: left + width });
const moved = ({ top, left, bottom, right }, by) => ({ top: top + by.top, left: left + by.left, bottom: bottom + by.top, right: right + by.left });

export async function occlusion_lies_where_it_was_recorded_on_images_of_any_size({ browser, start }) {
  for (const shape of SHAPES) {
    const [, height, width] = shape;
    const server = await start({ shape });
    const { page, errors, close } = await open(browser, server, { hash: "#occlusion?image=3&layer=blocks.1.conv" });
    const words = shape.join("×");
    await page.waitForSelector(".prediction .covered canvas.plane[data-painted]");
    const address = await page.evaluate(() => performance.getEntriesByType("resource").findLast(({ name }) => name.includes("/documents/")).name);
    const { square, stride, rows, columns } = await (await page.request.get(address)).json();
    equal(square, Math.floor(Math.min(height, width) / 4), `${words}: the recorded square`);
    const field = (name) => page.getByRole("spinbutton", { name }).inputValue();
    equal([await field("side"), await field("step")], [String(square), String(stride)], `${words}: what the form says`);
    equal(await page.getByRole("spinbutton", { name: "side" }).getAttribute("max"), String(Math.min(height, width)), `${words}: the form's limit`);
    await says(() => page.textContent(".cost"), `${rows.length} × ${columns.length} = `, `${words}: what it costs`);

    const { whole, corners } = planes(shape);
    // A cell is as large as the step, about its square's centre.
    const about = (square - stride) / 2;
    const cells = box(rows[0] + about, columns[0] + about, rows.length * stride, columns.length * stride);
    const covered = ".prediction .map-figure:nth-child(2) .covered";
    await lie(page, covered, "canvas.plane", whole, corners.map((corner) => moved(cells, corner)), `${words}: the map`);
    await lie(page, covered, "canvas.tile", whole, [box(0, 0, whole.height, whole.width)], `${words}: the image`);

    // The square over the centre of the position in row 1 and column 2, on the last plane.
    const [row, column] = [1, 2];
    const corner = corners.at(-1);
    const at = { y: corner.top + rows[row] + square / 2, x: corner.left + columns[column] + square / 2 };
    const target = page.locator(covered);
    await until(async () => {
      const all = await target.boundingBox();
      await target.hover({ position: { x: (at.x / whole.width) * all.width, y: (at.y / whole.height) * all.height }, force: true });
      const said = (await page.locator(".square-readout").allTextContents()).join();
      return said.includes(`rows ${rows[row]} to ${rows[row] + square - 1}, columns ${columns[column]} to ${columns[column] + square - 1}`);
    }, `${words}: the square in words`);
    const squares = corners.map((each) => moved(box(rows[row], columns[column], square, square), each));
    await lie(page, covered, ".square", whole, squares, `${words}: the square`);
    await lie(page, ".image-figure .covered", ".square", whole, squares, `${words}: the square on the image`);

    // What is not covered by any square has no drop: the picture of drops is laid out as the image.
    const drops = ".prediction .map-figure:nth-child(4) .covered";
    await lie(page, drops, "canvas.tile", whole, [box(0, 0, whole.height, whole.width)], `${words}: the drops`);
    equal(errors, [], `${words}: errors`);
    await close();
  }
}

export async function what_a_unit_sees_is_framed_where_it_is_on_images_of_any_size({ browser, start }) {
  for (const shape of SHAPES) {
    const [, height, width] = shape;
    const words = shape.join("×");
    const server = await start({ shape });
    for (const show of ["table", "film"]) {
      const hash = `#evolution?layer=conv1&epoch=12&map=3${show === "film" ? "&show=film" : ""}`;
      const { page, errors, close } = await open(browser, server, { hash });
      const record = server.timeline.records.findLast(({ event }) => event.kind === "layer_features" && event.layer === "conv1" && event.epoch === 12).event;
      const unit = record.followed.find(({ map }) => map === 3);
      const { top, left, height: high, width: wide } = unit.field;
      check(top >= 0 && left >= 0 && top + high <= height && left + wide <= width, `${words}: a field on the image`);
      const { whole, corners } = planes(shape);
      const frame = show === "film" ? ".frame-of-film .probe .image" : ".inspector .probe .image";
      await page.waitForSelector(frame);
      const outer = frame.replace(" .image", " .fit");
      await lie(page, outer, ".field", whole, corners.map((corner) => moved(box(top, left, high, wide), corner)), `${words}: the field, ${show}`);
      await lie(page, outer, "canvas.tile", whole, [box(0, 0, whole.height, whole.width)], `${words}: the image, ${show}`);
      equal(errors, [], `${words}: errors`);
      await close();
    }
  }
}

export async function pixels_are_read_in_those_of_the_image({ browser, start }) {
  for (const [shape, y, x, expected] of [
    [[1, 224, 224], 0.5, 0.999, /rows? 11[0-3]( to 11[0-3])?, columns? 22[0-3]/],
    [[3, 96, 160], 0.999, 0.001, /rows? 9[345]( to 9[345])?, columns? [01]/],
    // The seventh channel: in the second row of four, the third.
    [[13, 16, 16], (17 + 8.5) / 67, (34 + 4.5) / 67, /channel 6, row 8, column 4/],
  ]) {
    const { page, close } = await open(browser, await start({ shape }), { hash: "#occlusion?image=3" });
    const canvas = page.locator(".image-figure canvas.tile").first();
    await canvas.waitFor();
    let said = "";
    await until(
      async () => {
        const all = await canvas.boundingBox();
        await canvas.hover({ position: { x: Math.min(all.width - 1, x * all.width), y: Math.min(all.height - 1, y * all.height) }, force: true });
        said = (await page.locator(".pixel-readout").allTextContents()).join();
        return expected.test(said);
      },
      () => `${shape.join("×")}: ${said}`,
    );
    await close();
  }
}

export async function what_is_no_class_is_an_output_and_a_number({ browser, start }) {
  const output = (meaning, count, names = []) => ({ meaning, count, names, reason: "there are neither labels nor class names" });
  const hash = "#occlusion?image=3";
  const latent = await open(browser, await start({ classes: 0, output: output("numbers", 20) }), { hash });
  const words = () => latent.page.textContent("[aria-label=Prediction]");
  await says(words, /puts out output 7: −[\d.]+/, "an output and its value");
  await says(words, "there are neither labels nor class names", "why");
  const all = (await latent.page.locator(".occlusion-body, .square-settings, .image-strip").allTextContents()).join(" ");
  check(!/probab|class \d/.test(all), `no class is claimed: ${/.{0,40}(probab|class \d).{0,40}/.exec(all)?.[0]}`);
  await counted(latent.page.locator(".square-settings option"), 21, "all outputs to choose from");
  await counted(latent.page.locator(".prediction .map-figure"), 3, "no picture of classes");
  await latent.close();
  const named = await open(browser, await start({ classes: 0, output: output("numbers", 20, Array.from({ length: 20 }, (_, at) => `angle ${at}`)) }), { hash });
  await says(() => named.page.textContent("[aria-label=Prediction]"), /puts out angle 7: −/, "its name");
  await named.close();
  const binary = await open(browser, await start({ classes: 2, output: output("binary", 1) }), { hash: "#occlusion?image=0" });
  await says(() => binary.page.textContent("[aria-label=Prediction]"), /gives disc a probability of [\d.]+ %/, "a class of two");
  await turns(() => binary.page.locator(".square-settings option").allTextContents(), ["its own (disc)", "disc", "square"], "both classes");
  await binary.close();
}
