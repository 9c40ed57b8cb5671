import { store, useModel } from "../state/store.ts";
import { runWords } from "../state/words.ts";

/** What the run is doing and how far it is. */
export function Progress() {
  const model = useModel();
  const status = store.status.value;
  const words = runWords(status, model.ended, store.now.value, store.hello.value?.live ?? true, store.link.value.state !== "lost");
  const last = status?.last_epoch ?? model.run?.last_epoch ?? null;
  const epoch = status?.epoch ?? 0;
  const running = model.ended === undefined && status?.split != null && status.items_total > 0;
  const behind = (store.hello.value?.head ?? 0) - model.seq;
  return (
    <div class="progress">
      <span class={`state ${words.tone}`} title={words.detail}>
        <i class="dot" />
        <span aria-live="polite">{words.text}</span>
        {words.detail && <small>{words.detail}</small>}
      </span>
      <span class="epoch-of">
        epoch <b>{epoch}</b>
        {last !== null && ` of ${last}`}
      </span>
      <progress
        aria-label="Items of the running epoch"
        max={running ? status!.items_total : 1}
        value={running ? status!.items_done : model.ended === undefined ? 0 : 1}
      />
      <span class="items">
        {running
          ? `${status!.items_done.toLocaleString("en")} of ${status!.items_total.toLocaleString("en")} ${
              status!.split === "valid" ? "validation" : "training"
            } items`
          : ""}
      </span>
      {behind > 0 && model.run !== undefined && <span class="items">reading history, {behind.toLocaleString("en")} to go</span>}
    </div>
  );
}
