// `npm run mock -- --help`
import { parseArgs } from "node:util";
import { serve } from "./server.mjs";
import { Timeline } from "./timeline.mjs";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "7878" },
    epochs: { type: "string", default: "30" },
    past: { type: "string", default: "8" },
    interval: { type: "string", default: "3000" },
    layers: { type: "string", default: "4" },
    killed: { type: "string", default: "0" },
    run: { type: "string", default: "mock-run" },
    runs: { type: "string", default: "1" },
    far: { type: "string", default: "2000" },
    delay: { type: "string", default: "0" },
    unsupported: { type: "boolean", default: false },
    gaps: { type: "boolean", default: false },
    faults: { type: "boolean", default: false },
    sick: { type: "boolean", default: false },
    wide: { type: "boolean", default: false },
    moves: { type: "boolean", default: false },
    frozen: { type: "boolean", default: false },
    few: { type: "boolean", default: false },
    alike: { type: "boolean", default: false },
    constant: { type: "boolean", default: false },
    lines: { type: "boolean", default: false },
    images: { type: "string", default: "96" },
    classes: { type: "string", default: "8" },
    old: { type: "boolean", default: false },
    studies: { type: "string", default: "work" },
    controls: { type: "string", default: "work" },
    classless: { type: "boolean", default: false },
    shape: { type: "string", default: "3x32x32" },
    replay: { type: "boolean", default: false },
    waits: { type: "boolean", default: false },
    "open-door": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(`A server with a synthetic run, for work on the dashboard. It serves the built page.
  --port N        7878; 0 for any
  --epochs N      planned epochs, 30
  --past N        epochs that are history when the page connects, 8
  --interval MS   time of an epoch, 3000
  --layers N      watched layers, 4
  --killed N      the process dies in epoch N
  --run ID        identity of the run
  --runs N        so many runs, 1; the others are finished and differ a little
  --far N         a page that is more records behind gets a snapshot, 2000
  --delay MS      a page of history takes so long
  --unsupported   a layer that cannot be projected
  --gaps          some snapshots are dropped
  --faults        some analyses fail
  --sick          layers that are noisy, die, break: alerts
  --wide          512 filters in the last layer
  --moves         a layer settles and moves again
  --frozen        the first layers are not trained
  --few           3 probe images: no layer can be judged
  --alike         the probe images are all the same
  --constant      the second layer computes the same for all images
  --lines         convolutions whose filters are not judged
  --images N      probe images, 96
  --classes N     classes of the probe images, 8; 0: no labels
  --old           a run from before there were alerts
  --studies MODE  what becomes of studies that are asked for: work, refuse, fail; none: not scheduled either
  --controls MODE what becomes of a wish to silence an alert or to stop: work, refuse
  --classless     the network does not put out a row of numbers
  --shape CxHxW   channels, height and width of the images, 3x32x32
  --replay        served from disk, not from the training process
  --waits         the run never starts
  --open-door     no token needed`);
} else {
  const timeline = new Timeline({
    runId: values.run,
    epochs: Number(values.epochs),
    past: Number(values.past),
    interval: Number(values.interval),
    layers: Number(values.layers),
    killed: Number(values.killed),
    unsupported: values.unsupported,
    gaps: values.gaps,
    faults: values.faults,
    waits: values.waits,
    sick: values.sick,
    wide: values.wide,
    moves: values.moves,
    frozen: values.frozen,
    few: values.few,
    alike: values.alike,
    constant: values.constant,
    lines: values.lines,
    images: Number(values.images),
    classes: Number(values.classes),
    old: values.old,
    studies: values.studies,
    controls: values.controls,
    classless: values.classless,
    shape: values.shape.split("x").map(Number),
  });
  const others = Array.from({ length: Number(values.runs) - 1 }, (_, at) => {
    const epochs = Math.max(1, Number(values.epochs) - 4 * at);
    return new Timeline({
      ...timeline.options,
      runId: `${values.run}-${at + 2}`,
      name: `shapes, variant ${at + 2}`,
      epochs,
      past: epochs,
      layers: Number(values.layers) + (at % 2),
      sick: at % 2 === 0,
      skill: 0.95 - 0.08 * at,
      startedMs: -3_600_000 * (at + 1),
    });
  });
  for (const other of others) await other.play();
  const server = await serve([timeline, ...others], {
    far: Number(values.far),
    unreadable: others.length > 0 ? [{ name: "broken", problem: "runs/broken/events.sqlite is not a database of spyhole" }] : [],
    port: Number(values.port),
    live: !values.replay,
    openDoor: values["open-door"],
  });
  server.trouble.delay = Number(values.delay);
  console.log(`Open ${server.door}`);
  await timeline.play();
}
