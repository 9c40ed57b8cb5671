// Tests of the built page in Chromium against the mock server: `npm run test:browser -- [part of a name] [--slow]`.
import { serve } from "../mock/server.mjs";
import { Timeline } from "../mock/timeline.mjs";
import * as accessibility from "./accessibility.mjs";
import * as alerts from "./alerts.mjs";
import * as connection from "./connection.mjs";
import * as controls from "./controls.mjs";
import * as directions from "./directions.mjs";
import * as embedding from "./embedding.mjs";
import * as occlusion from "./occlusion.mjs";
import * as overview from "./overview.mjs";
import { launch, slow } from "./page.mjs";
import * as pixels from "./pixels.mjs";
import * as places from "./places.mjs";
import * as runs from "./runs.mjs";
import * as scale from "./scale.mjs";
import * as settling from "./settling.mjs";
import * as starting from "./starting.mjs";
import * as studies from "./studies.mjs";
import * as views from "./views.mjs";

const START = {
  runId: "run-a",
  epochs: 12,
  past: 12,
  interval: 200,
  layers: 4,
  killed: 0,
  unsupported: false,
  gaps: false,
  faults: false,
  waits: false,
  sick: false,
  wide: false,
  moves: false,
  frozen: false,
  few: false,
  images: 96,
  classes: 8,
  old: false,
  studies: "work",
  classless: false,
};

/** Starts a mock server with a run, or several; what is not said is a finished run of 12 epochs. */
async function start(options = {}, server = {}) {
  const timelines = [];
  for (const each of [options].flat()) {
    const timeline = new Timeline({ ...START, ...each });
    const playing = timeline.play();
    if ((each.past ?? START.past) === (each.epochs ?? START.epochs)) await playing;
    timelines.push(timeline);
  }
  return Object.assign(await serve(timelines, { port: 0, slow: slow ? 40 : 0, ...server }), { timeline: timelines[0], timelines });
}

const browser = await launch();
const wanted = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? "";
let failed = 0;
try {
  for (const [name, test] of Object.entries({
    ...overview,
    ...controls,
    ...pixels,
    ...places,
    ...views,
    ...studies,
    ...directions,
    ...embedding,
    ...occlusion,
    ...settling,
    ...alerts,
    ...connection,
    ...runs,
    ...accessibility,
    ...starting,
    ...scale,
  })) {
    if (!name.includes(wanted)) continue;
    const servers = [];
    const begin = Date.now();
    try {
      const note = await test({
        browser,
        start: async (...args) => {
          const server = await start(...args);
          servers.push(server);
          return server;
        },
      });
      console.log(`ok      ${name} (${Date.now() - begin} ms)${note ? `: ${note}` : ""}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}: ${error.message}`);
    } finally {
      // A test that failed leaves its pages, and they would disturb the others.
      for (const context of browser.contexts()) await context.close().catch(() => {});
      for (const server of servers) await server.close().catch(() => {});
    }
  }
} finally {
  await browser.close();
}
if (failed > 0) console.log(`${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
