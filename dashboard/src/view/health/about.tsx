import type { AlertRule, Statistic } from "../../generated/protocol.ts";
import type { Model } from "../../state/model.ts";
import { useModel } from "../../state/store.ts";
import { clearWords, count, levelWords, list, reading } from "../../state/value.ts";

interface Props {
  layer: string;
  statistic: Statistic;
}

/** What a statistic means, how it is computed, and which rules look at it. */
export function About({ layer, statistic }: Props) {
  const model = useModel();
  const band = model.watched?.band(statistic.name, layer);
  const rules = model.watched?.rulesOn(statistic.name, layer) ?? [];
  const silenced = model.watched?.rules.filter((rule) => rule.silenced && rule.metric === statistic.name) ?? [];
  return (
    <div class="about">
      <p>{statistic.meaning}</p>
      <p class="formula">
        <b>Computed as:</b> {statistic.formula}
      </p>
      {band !== undefined && (
        <p>
          <b>Random weights</b> would read {reading(band.low, statistic.scale)} to {reading(band.high, statistic.scale)}, in
          19 of 20 layers of this shape.
        </p>
      )}
      {rules.map((rule) => (
        <p key={rule.id}>
          <b>Alert “{rule.title}”:</b> {ruleWords(rule, statistic)} {explained(model, layer, rule)}
        </p>
      ))}
      {rules.length === 0 && silenced.length === 0 && <p>No rule looks at it: it is shown, and never raises an alert.</p>}
      {silenced.map((rule) => (
        <p key={rule.id}>
          The alert “{rule.title}” is silenced.
        </p>
      ))}
    </div>
  );
}

/** Which alerts keep a rule's from being raised, and whether one does so now. */
function explained(model: Model, layer: string, rule: AlertRule): string {
  if (rule.unless.length === 0) return "";
  const title = (id: string): string => `“${model.watched?.rule(id)?.title ?? id}”`;
  const now = model.alerts.active.find((episode) => episode.layer === layer && rule.unless.includes(episode.rule));
  return now === undefined
    ? `Not raised beside ${list(rule.unless.map(title), "or")}, which would explain it.`
    : `Not raised now, because ${title(now.rule)} explains it.`;
}

/** "warning from 50 % in 3 readings running; ends below 35 % in 2 readings running; looked at from epoch 6". */
export function ruleWords(rule: AlertRule, statistic: Statistic | undefined): string {
  const levels = rule.levels.map((level) => levelWords(rule, level, statistic?.scale)).join(", ");
  const running = (readings: number): string => (readings > 1 ? ` in ${count(readings, "reading")} running` : "");
  const from = rule.warm_up > 0 ? `; looked at from epoch ${rule.warm_up + 1}` : "";
  return `${levels}${running(rule.patience)}; ${clearWords(rule, statistic?.scale)}${running(rule.clear_patience)}${from}.`;
}
