import type { AlertRule } from "../../generated/protocol.ts";
import { useModel } from "../../state/store.ts";
import { clearWords, count, levelWords, list } from "../../state/value.ts";

/** The rules: what is looked at, from when on, and what raises an alert. */
export function Rules() {
  const model = useModel();
  const rules = model.watched?.rules ?? [];
  if (rules.length === 0) return null;
  const silenced = rules.filter((rule) => rule.silenced).length;
  return (
    <section class="rules" aria-label="Rules">
      <h2>
        Rules <small>{count(rules.length, "rule")}{silenced > 0 && `, ${silenced} silenced`}</small>
      </h2>
      <div class="table-box" tabIndex={0} role="region" aria-label="Rules and their thresholds">
        <table>
          <thead>
            <tr>
              <th scope="col">rule</th>
              <th scope="col">looks at</th>
              <th scope="col">raises an alert</th>
              <th scope="col">ends</th>
              <th scope="col">now</th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <Row key={rule.id} rule={rule} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ rule }: { rule: AlertRule }) {
  const model = useModel();
  const statistic = model.watched?.statistic(rule.metric);
  const scale = statistic?.scale;
  const running = (readings: number): string => (readings > 1 ? `${readings} readings running` : "one reading is enough");
  return (
    <tr class={rule.silenced ? "silenced" : ""}>
      <th scope="row">
        <div class="rule-title">{rule.title}</div>
        <details>
          <summary>meaning</summary>
          <p>{rule.meaning}</p>
          {rule.unless.length > 0 && (
            <p>
              Not raised where there is the alert{" "}
              {list(rule.unless.map((id) => `“${model.watched?.rule(id)?.title ?? id}”`), "or")}.
            </p>
          )}
        </details>
      </th>
      <td>
        {statistic?.label ?? rule.metric}
        <small>{statistic?.subject === "network" ? "the network" : rule.layers.length === 0 ? "the training" : count(rule.layers.length, "layer")}</small>
      </td>
      <td>
        {rule.levels.map((level) => (
          <div key={level.severity}>{levelWords(rule, level, scale)}</div>
        ))}
        <small>{running(rule.patience)}</small>
      </td>
      <td>
        {clearWords(rule, scale).replace(/^ends /, "")}
        <small>{running(rule.clear_patience)}</small>
      </td>
      <td>
        <State rule={rule} />
      </td>
    </tr>
  );
}

function State({ rule }: { rule: AlertRule }) {
  const model = useModel();
  if (rule.silenced) return <>silenced</>;
  const active = model.alerts.active.filter((episode) => episode.rule === rule.id).length;
  if (active > 0) return <b>{count(active, "alert")}</b>;
  if (model.newestEpoch <= rule.warm_up) return <>looked at from epoch {rule.warm_up + 1}</>;
  return <>watching</>;
}
