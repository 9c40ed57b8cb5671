import { check, counted, equal, open, says, turns, until } from "./page.mjs";

const badge = (page) => page.textContent(".alert-badge").catch(() => "");

export async function an_alert_is_silenced_and_heard_again({ browser, start }) {
  const server = await start({ sick: true, past: 11, killed: 13, epochs: 13, interval: 100_000 });
  const { page, errors, close } = await open(browser, server, { hash: "#alerts" });
  const cards = page.locator("[aria-label='Active alerts'] .alert-card");
  await counted(cards, 4, "four active alerts");
  const before = parseInt(await badge(page));
  const title = await cards.first().locator("h3").textContent();
  await cards.first().getByRole("button", { name: "Silence" }).click();
  await until(async () => parseInt(await badge(page)) === before - 1, "it is not counted any more");
  const card = page.locator(".alert-card.quiet");
  await says(() => card.textContent(), "silenced", "it is not marked");
  await says(() => card.textContent(), title, "it is another one");
  await turns(() => cards.last().locator("h3").textContent(), title, "it comes last");
  const { event } = server.timeline.records.at(-1);
  equal([event.kind, event.silenced], ["silence", true], "the record");
  await page.reload();
  await page.waitForSelector(".alert-card.quiet");
  await page.keyboard.press("1");
  await says(() => page.textContent(".health-panel"), "1 more alert that somebody has silenced", "the overview says so");
  await page.keyboard.press("2");
  await page.locator(".alert-card.quiet").getByRole("button", { name: "heard again" }).click();
  await until(async () => parseInt(await badge(page)) === before, "it counts again");
  equal(errors, [], "errors on the page");
  await close();
}

export async function the_training_is_stopped_after_a_question({ browser, start }) {
  const server = await start({ epochs: 40, past: 3, interval: 8000 });
  const { page, errors, close } = await open(browser, server);
  await page.click(".stop-button");
  const dialog = page.locator(".stop dialog[open]");
  await says(() => dialog.textContent(), "is finished first, with its validation and its checkpoint", "not told what happens");
  await dialog.getByRole("button", { name: "Keep training" }).click();
  await dialog.waitFor({ state: "detached" });
  equal(server.timeline.status.stopping, null, "nothing was asked for");
  await page.click(".stop-button");
  await dialog.getByRole("button", { name: "Stop after this epoch" }).click();
  await says(() => dialog.textContent(), "asked for on the dashboard", "the answer");
  await page.keyboard.press("Escape");
  await says(() => page.textContent(".stop"), "stops after this epoch", "the header says so");
  await says(() => page.textContent(".training-panel"), "Stopping after this epoch: asked for on the dashboard", "the overview says so");
  await says(() => page.textContent(".state"), /^interrupted/, "it has ended", 120_000);
  await counted(page.locator(".stop"), 0, "nothing is left to stop");
  equal(errors, [], "errors on the page");
  await close();
}

export async function a_refusal_is_shown_in_the_servers_words({ browser, start }) {
  const server = await start({ epochs: 40, past: 8, interval: 60_000, controls: "refuse", sick: true });
  const { page, errors, close } = await open(browser, server);
  await page.click(".stop-button");
  const dialog = page.locator(".stop dialog[open]");
  await dialog.getByRole("button", { name: "Stop after this epoch" }).click();
  await says(() => dialog.textContent(), "this training does not listen", "the refusal");
  await page.keyboard.press("Escape");
  await page.click(".stop-button");
  check(!(await dialog.textContent()).includes("does not listen"), "an old refusal is not shown again");
  await page.keyboard.press("Escape");
  await page.evaluate(() => (location.hash = "#alerts"));
  await page.locator(".alert-card").first().getByRole("button", { name: "Silence" }).click();
  await says(() => page.textContent(".alert-card .refused").catch(() => ""), "Refused: this training does not listen", "the refusal on the card");
  equal(errors, [], "errors on the page");
  await close();
}

export async function nothing_can_be_changed_in_a_recorded_run({ browser, start }) {
  const server = await start({ sick: true }, { live: false });
  const { page, close } = await open(browser, server, { hash: "#alerts" });
  await page.waitForSelector(".alert-card");
  await counted(page.getByRole("button", { name: "Silence" }), 0, "buttons to silence");
  await counted(page.locator(".stop"), 0, "buttons to stop");
  await close();
}
