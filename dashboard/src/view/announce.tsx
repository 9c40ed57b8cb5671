import { useModel, store } from "../state/store.ts";
import { count } from "../state/value.ts";

/** Tells people who listen to the page of each new alert; not of those that it found in the run's history. */
export function Announcer() {
  const { raised, heard } = useModel().alerts;
  const news = raised !== undefined && raised.seq > (store.hello.value?.head ?? Infinity) && !raised.alert.silenced ? raised.alert : undefined;
  return (
    <div class="unseen announcer" aria-live="polite">
      {news && `New alert, ${news.severity}: ${news.title}. ${news.message} ${count(heard.length, "active alert")} in all.`}
    </div>
  );
}
