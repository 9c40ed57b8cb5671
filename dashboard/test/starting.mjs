// What keeps the page from starting is put right, or said on it; names are shown whatever they are.
import { check, equal, open, says, turns, until } from "./page.mjs";

/** A page in a context of its own, before it goes anywhere. */
async function blank(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1024, height: 800 }, ...options });
  return { context, page: await context.newPage() };
}

export async function a_browser_whose_language_is_no_language_draws_the_page({ browser, start }) {
  const server = await start();
  for (const language of ["C", "", "not a tag"]) {
    const { context, page } = await blank(browser);
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.addInitScript((said) => Object.defineProperty(Navigator.prototype, "language", { get: () => said }), language);
    await page.goto(`${server.door}#training`);
    await page.waitForSelector("main[aria-busy=false]");
    await page.waitForSelector(".u-wrap canvas");
    equal(errors, [], `errors with ${JSON.stringify(language)}`);
    await context.close();
  }
}

export async function what_keeps_the_page_from_starting_is_said_on_it({ browser, start }) {
  const server = await start();
  const script = /\/assets\/.*\.js$/;
  const broken = (body) => (route) => route.fulfill({ contentType: "text/javascript", body });
  for (const [what, handle, expected] of [
    ["a module that throws", broken("throw new Error('no such thing');"), /Its program failed: .*no such thing/],
    ["a module that cannot be read", broken("let ="), /Its program failed: .*SyntaxError/],
    ["a module that fails later", broken("await Promise.reject(new Error('later'));"), /Its program failed: .*later/],
    ["a module that is not there", (route) => route.fulfill({ status: 404, body: "" }), /could not be loaded: .*\.js/],
    ["a module that does nothing", broken(""), /did not run/],
  ]) {
    const { context, page } = await blank(browser);
    await page.route(script, handle);
    await page.goto(server.door);
    const said = () => page.locator(".start-failure[role=alert]").innerText();
    await page.waitForSelector(".start-failure");
    check(expected.test(await said()), `${what}: ${await said()}`);
    await says(said, "The page could not start", what);
    await says(said, "Load the page again", what);
    await context.close();
  }
  const { context, page } = await blank(browser, { javaScriptEnabled: false });
  await page.goto(server.door);
  await says(() => page.locator("noscript").innerText(), "needs JavaScript", "without scripts");
  await context.close();
}

const LONG = "a class of a very long name ".repeat(10).slice(0, 260);

export async function class_names_may_be_empty_and_long({ browser, start }) {
  const names = [LONG, "", "   ", "x".repeat(260), "ring", "cross", "bar", "half"];
  const server = await start({ names });
  const { page: looking, errors, close: leave } = await open(browser, server, {});
  for (const hash of ["#occlusion?image=3", "#occlusion?image=0", "#embedding?image=3", "#directions", "#units?map=3", "#activations?image=3", "#evolution", "#evolution?rows=strongest", "#evolution?show=film"]) {
    await looking.goto(`${server.address}/${hash}`);
    await looking.waitForSelector("main[aria-busy=false]");
    for (const width of [1400, 1024, 400]) {
      await looking.setViewportSize({ width, height: 900 });
      await turns(() => looking.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${hash} at ${width} px is no wider than the screen`);
      const outside = () =>
        looking.evaluate(() =>
          [...document.querySelectorAll(".name")]
            .filter((each) => each.closest(".image-strip, .grid, .pairs") === null && each.getBoundingClientRect().right > innerWidth + 1)
            .map((each) => each.outerHTML.slice(0, 120)),
        );
      await turns(outside, [], `${hash} at ${width} px: names end on the screen`);
    }
  }
  equal(errors, [], "errors on the page");
  await leave();
  const { page, close } = await open(browser, server, { hash: "#occlusion?image=0" });
  await page.waitForSelector(".prediction");
  const cut = page.locator(".prediction .panel-words [title]").first();
  equal(await cut.getAttribute("title"), LONG, "the whole on hover");
  check((await cut.textContent()).length <= 40, "shortened");
  await close();
  const empty = await open(browser, server, { hash: "#embedding" });
  await until(async () => (await empty.page.locator(".class-chips button").count()) > 1, "the classes");
  await says(() => empty.page.textContent(".class-chips"), "(no name)", "an empty name");
  await empty.close();
}
