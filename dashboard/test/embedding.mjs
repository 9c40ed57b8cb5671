import { check, counted, equal, open, says, turns, until } from "./page.mjs";

/** A hash of what a canvas shows. */
const shown = (page, selector) => page.locator(`${selector} canvas`).first().evaluate((canvas) => canvas.toDataURL());

/** Waits until the points are where they belong. */
async function settled(page) {
  let before = "";
  await until(async () => {
    await page.waitForTimeout(120);
    const now = await shown(page, ".scatter");
    const same = now === before;
    before = now;
    return same;
  }, "points at rest");
  return before;
}

/** Moves the pointer over the scatter until it is on an image. */
async function findImage(page) {
  const { x, y, width, height } = await page.locator(".scatter").boundingBox();
  for (let at = 0; at < 400; at++) {
    await page.mouse.move(x + width * (0.1 + 0.8 * ((at * 0.377) % 1)), y + height * (0.05 + 0.9 * ((at * 0.618) % 1)));
    if ((await page.locator(".image-card").count()) > 0) return;
  }
  check(false, "no image under the pointer");
}

export async function embedding_shows_images_and_what_can_be_said_of_them({ browser, start }) {
  const server = await start({ epochs: 30, past: 30 });
  const { page, errors, close } = await open(browser, server, { hash: "#embedding?layer=head.conv" });
  await page.waitForSelector(".scatter canvas");
  const marks = await settled(page);
  await says(() => page.textContent(".agreement"), /\d+\s% of an image's 5 nearest neighbours in this layer's space are of its class; dealt at random it would be 12\s%/, "no agreement");
  for (const hint of ["no axes", "Aligned to epoch 25", "mean nothing"]) await says(() => page.textContent(".reading-hints"), hint, "no warning");
  await counted(page.locator(".class-chips button"), 9, "classes");
  await page.locator(".class-chips button", { hasText: "ring" }).click();
  await until(async () => (await shown(page, ".scatter")) !== marks, "one class stands out");
  await until(() => page.url().includes("only=3"), "the class in the address");
  await page.locator(".class-chips button", { hasText: "all classes" }).click();
  await page.keyboard.press("t");
  await until(async () => (await shown(page, ".scatter")) !== marks, "images in place of marks");
  await until(() => page.url().includes("points=pictures"), "images in the address");
  equal(errors, [], "errors on the page");
  await close();
}

export async function an_image_can_be_pointed_at_and_kept({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#embedding?layer=blocks.1.conv" });
  await page.waitForSelector(".scatter canvas");
  await settled(page);
  await findImage(page);
  const image = /image (\d+)/.exec(await page.textContent(".image-card"))[1];
  await until(async () => (await page.locator(".image-card").boundingBox()).height > 110, "no enlarged image on the card");
  await page.mouse.down();
  await page.mouse.up();
  await turns(() => page.textContent(".pinned h2"), `Image ${image}`, "the image is kept");
  await until(() => page.url().includes(`image=${image}`), "the image in the address");
  await page.keyboard.press("i");
  await turns(() => page.textContent(".pinned h2"), `Image ${(Number(image) + 1) % 96}`, "the next image");
  await page.keyboard.press("Escape");
  await turns(() => page.textContent(".pinned h2"), "Images", "let go");
  await page.keyboard.press("i");
  await page.getByRole("link", { name: "What blocks.1.conv makes of it" }).click();
  await until(() => /#activations\?.*image=0/.test(page.url()), "Activations of the image");
  equal(errors, [], "errors on the page");
  await close();
}

export async function embeddings_of_other_epochs_are_small_and_points_move_there({ browser, start }) {
  const server = await start({ epochs: 60, past: 60 });
  for (const reducedMotion of ["no-preference", "reduce"]) {
    const { page, errors, close } = await open(browser, server, { hash: "#embedding?layer=blocks.1.conv", reducedMotion });
    // Earlier epochs come page by page: eight is where it ends, and stays.
    // Earlier epochs come page by page: eight is where it ends, and stays.
    await counted(page.locator(".small-embedding"), 8, "at most eight of 13 epochs");
    await settled(page);
    await counted(page.locator(".small-embedding"), 8, "still eight of 13 epochs");
    await turns(() => page.locator(".small-embedding[aria-current] b").textContent(), "epoch 60", "the shown epoch is marked");
    await page.locator(".small-embedding").last().scrollIntoViewIfNeeded();
    await counted(page.locator(".small-embedding small"), 8, "those in sight are fetched");
    await settled(page);
    const frames = await page.evaluate(async () => {
      const canvas = document.querySelector(".scatter canvas");
      document.querySelectorAll(".small-embedding")[1].click();
      const found = new Set();
      const end = performance.now() + 1200;
      while (performance.now() < end) {
        await new Promise(requestAnimationFrame);
        found.add(canvas.toDataURL());
      }
      return found.size;
    });
    if (reducedMotion === "reduce") check(frames <= 2, `${frames} different frames though nothing may move`);
    else check(frames >= 3, `${frames} different frames: not one between the first and the last`);
    await says(() => page.textContent(".study-words"), "epoch 10", "the other epoch is shown");
    equal(errors, [], "errors on the page");
    await close();
  }
}

export async function a_thousand_images_of_a_hundred_classes_move_smoothly({ browser, start }) {
  const server = await start({ epochs: 20, past: 20, images: 1000, classes: 100 });
  const { page, errors, close } = await open(browser, server, { hash: "#embedding?layer=head.conv" });
  await page.waitForSelector(".scatter canvas");
  await settled(page);
  const measure = () =>
    page.evaluate(async () => {
      const box = document.querySelector(".scatter");
      const { left, top, width, height } = box.getBoundingClientRect();
      const gaps = [];
      let before = performance.now();
      const end = before + 1500;
      for (let step = 0; performance.now() < end; step++) {
        if (step % 40 === 0) document.querySelectorAll(".small-embedding")[(step / 40) % 5].click();
        box.dispatchEvent(new MouseEvent("mousemove", { clientX: left + ((step * 37) % width), clientY: top + ((step * 23) % height), bubbles: true }));
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        gaps.push(now - before);
        before = now;
      }
      return gaps.sort((a, b) => a - b)[gaps.length >> 1];
    });
  const marks = await measure();
  await page.keyboard.press("t");
  const images = await measure();
  equal(errors, [], "errors on the page");
  await close();
  return `frames: marks ${marks.toFixed(0)} ms, images ${images.toFixed(0)} ms`;
}
