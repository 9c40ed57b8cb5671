// What is told of runs as a whole, and pages of their history.
const BULK = new Set(["layer_features", "layer_filters", "layer_health", "layer_distributions", "layer_evolution", "settling"]);
const PAGE_BYTES = 2 * 1024 * 1024;
const SEVERITIES = ["info", "warning", "critical"];

/** All records but those of the bulk kinds, and of these the newest of each layer; in order. */
export function newest(records) {
  const kept = new Map();
  for (const record of records) {
    const { kind, layer = "" } = record.event;
    kept.set(BULK.has(kind) ? `${kind} ${layer}` : record.seq, record);
  }
  return [...kept.values()].sort((a, b) => a.seq - b.seq);
}

/** A `RunSummary`. */
export function summary(timeline, live) {
  const { run, records, status, options } = timeline;
  const open = [...(timeline.watcher?.states.values() ?? [])].map(({ alert }) => alert).filter((alert) => alert !== undefined && !timeline.watcher.silenced.has(`${alert.rule} ${alert.layer}`));
  const worst = Math.max(-1, ...open.map(({ severity }) => SEVERITIES.indexOf(severity)));
  return {
    key: run.id,
    name: run.name,
    directory: `runs/${run.id}`,
    problem: null,
    started_ms: records[0]?.time_ms ?? null,
    status,
    worst_alert: SEVERITIES[worst] ?? null,
    active_alerts: open.length,
    live: live && options.replay !== true && timeline.branch === undefined,
    ...(timeline.branches !== undefined && { branches: timeline.branches }),
    ...(timeline.branch !== undefined && { branch: timeline.branch }),
  };
}

/** A `RecordPage` as JSON: the newest records of a kind (and layer) before a record. */
export function page(timeline, search) {
  const layer = search.get("layer");
  const shelf = timeline.shelf(search.get("kind"), layer);
  const before = Number(search.get("before") ?? Infinity);
  let [low, high] = [0, shelf.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shelf[middle].seq < before) low = middle + 1;
    else high = middle;
  }
  const texts = [];
  let [at, bytes] = [low, 0];
  while (at > 0 && bytes < PAGE_BYTES) {
    at -= 1;
    const text = JSON.stringify(shelf[at]);
    texts.push(text);
    bytes += text.length;
  }
  return `{"records":[${texts.reverse().join()}],"before":${at === 0 ? null : shelf[at].seq}}`;
}
