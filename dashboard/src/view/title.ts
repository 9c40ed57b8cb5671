import { effect } from "@preact/signals";
import { store } from "../state/store.ts";
import { count } from "../state/value.ts";
import { runWords } from "../state/words.ts";

/** Keeps the tab's name up to date: the run can be followed from another tab. */
export function nameTab(): void {
  effect(() => {
    void store.revision.value;
    const { run, ended, alerts } = store.model;
    if (run === undefined) return;
    const live = store.hello.value?.live ?? true;
    const { text } = runWords(store.status.value, ended, store.now.value, live, store.link.value.state !== "lost");
    const worst = alerts.worst();
    const alarm = worst === undefined ? "" : `${count(alerts.heard.length, "alert")}, ${worst} · `;
    const title = `${alarm}${text} · ${run.name} · spyhole`;
    if (document.title !== title) document.title = title;
  });
}
