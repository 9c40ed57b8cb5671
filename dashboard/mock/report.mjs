// Writes a report as `spyhole export` does: the built page with a run in it.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { summary } from "./runs.mjs";

const BUILT = fileURLToPath(new URL("../../crates/spyhole-sink/dist/report.html", import.meta.url));
const PLACE = '<script type="application/json" id="spyhole-report">';

/** Every picture and document that records point to: those of the epochs before `from` are left out. */
export async function writeReport(timeline, path, { from = 0 } = {}) {
  const { run } = timeline;
  const records = timeline.records.filter(({ event }) => event.kind !== "layer_features" || event.epoch >= from);
  const text = JSON.stringify(records);
  const ids = [...new Set(text.match(/"[0-9a-f]{32}"/g))].map((id) => id.slice(1, -1));
  const pictured = (value) => [...new Set(JSON.stringify(value).match(/"[0-9a-f]{32}"/g))].map((id) => id.slice(1, -1));
  const documents = Object.fromEntries(ids.flatMap((id) => (run.json(id) === undefined ? [] : [[id, JSON.parse(run.json(id))]])));
  const images = {};
  for (const id of [...ids, ...pictured(documents)]) {
    const png = run.png(id);
    if (png !== undefined) images[id] = Buffer.from(png).toString("base64");
  }
  const report = {
    version: 3,
    made_ms: Date.now(),
    run: summary(timeline, false),
    records,
    images,
    documents,
    left_out: from > 0 ? `the pictures of the epochs before ${from}.` : null,
  };
  const html = await readFile(BUILT, "utf8");
  if (html.split(`${PLACE}</script>`).length !== 2) throw new Error("report.html has no place for a report");
  await writeFile(path, html.replace(`${PLACE}</script>`, () => `${PLACE}${JSON.stringify(report).replaceAll("<", "\\u003c")}</script>`));
}
