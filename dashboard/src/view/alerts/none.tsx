import { useModel } from "../../state/store.ts";
import { count, list } from "../../state/value.ts";

/** What is said when nothing is the matter: what is looked at, and what is not yet. */
export function NoAlerts() {
  const model = useModel();
  const rules = (model.watched?.rules ?? []).filter(({ silenced }) => !silenced);
  const newest = model.newestEpoch;
  const waiting = rules.filter(({ warm_up }) => newest <= warm_up);
  const begins = [...new Set(waiting.map(({ warm_up }) => warm_up + 1))].sort((a, b) => a - b);
  const layers = count(model.watched?.layers().size ?? 0, "layer");
  const from = list(begins.map((epoch) => `epoch ${epoch}`));
  const all = waiting.length === rules.length;
  return (
    <section class="no-alerts" aria-label="Active alerts">
      <h2>
        <span class={all ? "" : "good"}>
          <i class="dot" />
        </span>{" "}
        {all && rules.length > 0 ? "No alerts yet" : "No alerts"}
      </h2>
      <p>
        {rules.length === 0
          ? "No rule watches this run."
          : all
            ? `${count(rules.length, "rule")} will watch ${layers}, beginning with ${from}. At first every network looks sick.`
            : `${count(rules.length - waiting.length, "rule watches", "rules watch")} ${layers}.${
                waiting.length > 0 ? ` ${count(waiting.length, "more begins", "more begin")} with ${from}.` : ""
              }`}
      </p>
    </section>
  );
}
