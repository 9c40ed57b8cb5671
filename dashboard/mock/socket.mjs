// One dashboard's connection: hello, a snapshot or records, the status, answers.
import { hear } from "./controls.mjs";
import { newest } from "./runs.mjs";

const BATCH = 256;
const PORTION = 12;

export function attach(client, timeline, { after, live, version, far, slow }) {
  const batch = slow > 0 ? PORTION : BATCH;
  const say = (message) => client.send(JSON.stringify(message));
  let sent = after;
  let busy = false;
  const forward = async () => {
    if (busy) return;
    busy = true;
    say({ type: "status", ...timeline.status });
    while (sent < timeline.records.length && client.readyState === client.OPEN) {
      if (timeline.records.length - sent > far) {
        const { frames, upto } = snapshot(timeline, sent);
        for (const frame of frames) client.send(frame);
        sent = upto;
      } else {
        const records = timeline.records.slice(sent, sent + batch);
        say({ type: "records", records });
        sent += records.length;
      }
      await new Promise((resolve) => (slow > 0 ? setTimeout(resolve, slow) : setImmediate(resolve)));
      while (client.bufferedAmount > 4e6) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    busy = false;
  };
  say({ type: "hello", version, run_id: timeline.runId, head: timeline.records.length, live, branches: timeline.branches?.length ?? 0 });
  void forward();
  timeline.listeners.add(forward);
  client.on("message", (data) => {
    const message = JSON.parse(data);
    if (message.type === "cancel") return timeline.desk.cancel(message.id);
    if (live && hear(timeline, message, (refused) => say({ type: "answer", number: message.number, id: null, refused }))) return;
    const refused = live ? timeline.desk.refusal() : "Only the training process can do this; this run is read from disk.";
    const id = refused === null ? timeline.desk.ask(message.subject) : null;
    say({ type: "answer", number: message.number, id, refused });
  });
  client.on("close", () => timeline.listeners.delete(forward));
}

/** The messages of a snapshot of all records behind one. Clients that come together get the same. */
function snapshot(timeline, after) {
  const upto = timeline.records.length;
  const made = timeline.snapshot;
  if (made?.after === after && made.upto === upto) return made;
  const records = newest(timeline.records.slice(after, upto));
  const frames = [];
  for (let at = 0; at < records.length; at += BATCH) {
    const last = at + BATCH >= records.length;
    frames.push(JSON.stringify({ type: "snapshot", records: records.slice(at, at + BATCH), upto: last ? upto : null }));
  }
  timeline.snapshot = { after, upto, frames };
  return timeline.snapshot;
}
