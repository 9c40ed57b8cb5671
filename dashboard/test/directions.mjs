import { counted, equal, open, picturesIn, pointAt, says, turns, until } from "./page.mjs";

const said = (page) => page.textContent(".claim .said");

export async function directions_put_units_beside_random_mixtures({ browser, start }) {
  const server = await start();
  const { page, errors, close } = await open(browser, server, { hash: "#directions?layer=head.conv" });
  await turns(() => picturesIn(page, ".both-kinds"), 180, "20 directions with 9 pictures each");
  await turns(() => page.locator(".directions-column h3").allTextContents(), ["Units", "Random directions"], "columns");
  await says(() => said(page), /no more meaningful/, "no claim");
  await says(() => page.locator(".direction-head").first().textContent(), /\d of 9: .*\w/, "no purity");
  await counted(page.locator(".differences button"), 3, "bases on one axis");
  await counted(page.locator(".differences .interval"), 3, "intervals");
  await says(() => page.textContent(".differences figcaption"), "no difference", "the line at zero is not named");
  await says(() => page.locator(".directions-column").first().textContent(), "nine images at random: 31", "chance is not named");
  await page.keyboard.press("s");
  await page.keyboard.press("s");
  await says(() => said(page), /are more meaningful/, "the claim of the third basis");
  await until(() => page.url().includes("basis=whitened"), "the basis in the address");
  await turns(() => page.locator(".differences [aria-pressed=true] .difference-name").textContent(), "Whitened", "the chosen basis");
  await page.locator(".differences button").nth(1).click();
  await turns(() => page.locator(".segments [aria-pressed=true]").textContent(), "Standardised", "chosen in the chart");
  equal(errors, [], "errors on the page");
  await close();
}

export async function pointing_at_a_patch_shows_where_it_is_from({ browser, start }) {
  const { page, errors, close } = await open(browser, await start(), { hash: "#directions?layer=blocks.1.conv" });
  await page.waitForSelector(".direction-hit");
  const hit = page.locator(".directions-column").nth(1).locator(".direction").nth(2).locator(".direction-hit").nth(4);
  const [, image, kind] = /image (\d+), (.+)$/.exec(await hit.getAttribute("aria-label"));
  const words = () => page.textContent(".inspector");
  await pointAt(hit, async () => (await words()).includes("mixture 3, place 5 of 9"), "the direction");
  await says(words, `image${image}class ${kind}`, "image and class");
  await until(async () => /positionrow \d+, column \d+/.test(await words()) && /value\d/.test(await words()), "position and value");
  await says(words, "at most what is in the box", "not told that the box is an upper bound");
  await counted(page.locator(".inspector .field"), 1, "box");
  await hit.click();
  await page.mouse.move(5, 300);
  await says(words, "mixture 3, place 5", "a chosen patch stays");
  await page.getByRole("link", { name: "All maps for this image" }).click();
  await until(() => page.url().includes(`#activations?layer=blocks.1.conv`) && page.url().includes(`image=${image}`), "Activations of the image");
  equal(errors, [], "errors on the page");
  await close();
}

export async function without_labels_of_two_classes_there_are_pictures_and_no_numbers({ browser, start }) {
  for (const [classes, why] of [
    [0, "no labels"],
    [1, "all probe images are of one class"],
  ]) {
    const server = await start({ classes });
    const { page, errors, close } = await open(browser, server, { hash: "#directions?layer=head.conv" });
    await turns(() => picturesIn(page, ".both-kinds"), 180, "pictures");
    await says(() => page.textContent(".claim"), why, "not told why there are no numbers");
    await counted(page.locator(".differences, .share-bar, .direction-head .class-mark"), 0, "numbers");
    await page.keyboard.press("v");
    await page.waitForSelector(".scatter");
    await says(() => page.textContent(".agreement"), why, "Embedding: not told why there is no number");
    await counted(page.locator(".share-bar"), 0, "Embedding: a share");
    if (classes === 0) await says(() => page.textContent(".stage"), "all have the same mark", "Embedding: not told that there is one mark");
    equal(errors, [], "errors on the page");
    await close();
  }
}
