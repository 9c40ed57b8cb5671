// What a token holder may do besides asking for studies: silence an alert, stop the training.

/**
 * Deals with a message of a client if it is a wish of that kind; false: it is another one. `answer` is called once,
 * with null or with why it is refused.
 */
export function hear(timeline, message, answer) {
  const act = { silence, stop }[message.type];
  if (act === undefined) return false;
  const refused = timeline.options.controls === "refuse" ? "this training does not listen: give it `.early_stopping(spyhole.early_stopping())`" : act(timeline, message);
  answer(refused);
  timeline.tell();
  return true;
}

function silence(timeline, { silence: { rule, layer, silenced } }) {
  if (!timeline.watcher?.rules.some(({ id }) => id === rule)) return `this training has no alert rule \`${rule}\``;
  timeline.watcher.silence(rule, layer, silenced);
  timeline.record({ kind: "silence", rule, layer, silenced });
  return null;
}

function stop(timeline) {
  if (timeline.status.state === "ended") return "the training is over";
  if (timeline.status.stopping === null) {
    timeline.record({ kind: "stop_asked", by: "the dashboard", epoch: timeline.status.epoch });
    timeline.status.stopping = "asked for on the dashboard";
  }
  return null;
}
