// Applies the rules of the watchlist to readings, as the real watcher does.

export class Watcher {
  constructor({ statistics, rules }) {
    this.labels = new Map(statistics.map(({ name, label }) => [name, label]));
    this.rules = rules.filter(({ silenced }) => !silenced);
    this.states = new Map();
    this.silenced = new Set();
  }

  silence(rule, layer, silenced) {
    if (silenced) this.silenced.add(`${rule} ${layer}`);
    else this.silenced.delete(`${rule} ${layer}`);
  }

  /** The alerts that a layer's readings of an epoch raise, change or end. */
  look({ epoch, layer, values, units }) {
    const alerts = [];
    for (const rule of this.rules) {
      if (!rule.layers.includes(layer) || !(rule.metric in values)) continue;
      const alert = this.step(rule, layer, epoch, values[rule.metric], units[rule.metric] ?? []);
      if (alert !== undefined) alerts.push(alert);
    }
    return alerts;
  }

  /** The same for a metric of the training. */
  metric(split, name, epoch, value) {
    const rule = this.rules.find(({ metric }) => metric === `${split}:${name}`);
    return rule && this.step(rule, null, epoch, value, []);
  }

  open(rule, layer) {
    return this.states.get(`${rule} ${layer}`)?.alert;
  }

  step(rule, layer, epoch, value, units) {
    const key = `${rule.id} ${layer}`;
    const state = this.states.get(key) ?? { bad: 0, good: 0, alert: undefined };
    this.states.set(key, state);
    const up = rule.compare === "at_least";
    const level = rule.levels.findLast(({ threshold }) =>
      rule.compare === "not_finite" ? value === null : value === null ? false : up ? value >= threshold : value <= threshold,
    );
    const clear = rule.clear ?? rule.levels[0].threshold;
    const good = rule.compare === "not_finite" ? value !== null : value !== null && (up ? value < clear : value > clear);
    state.bad = level === undefined ? 0 : state.bad + 1;
    state.good = good ? state.good + 1 : 0;
    const say = (what, severity, threshold) => this.words(rule, layer, { state: what, severity, threshold, epoch, since: state.since, value, units });
    if (state.alert === undefined) {
      if (epoch <= rule.warm_up || state.bad < rule.patience || rule.unless.some((id) => this.open(id, layer))) return undefined;
      state.since = epoch;
      state.worst = level.severity;
      state.alert = say("raised", level.severity, level.threshold);
      return state.alert;
    }
    if (state.good >= rule.clear_patience) {
      const ended = say("resolved", state.worst, clear);
      state.alert = undefined;
      return ended;
    }
    if (level === undefined || level.severity === state.alert.severity) return undefined;
    if (rule.levels.findIndex(({ severity }) => severity === state.worst) < rule.levels.indexOf(level)) state.worst = level.severity;
    state.alert = say("updated", level.severity, level.threshold);
    return state.alert;
  }

  words(rule, layer, alert) {
    const percent = (value) => (value === null ? "not finite" : `${Math.round(100 * value)} %`);
    const label = this.labels.get(rule.metric) ?? rule.metric;
    const over = alert.state === "resolved";
    return {
      kind: "alert",
      rule: rule.id,
      layer,
      metric: rule.metric,
      silenced: this.silenced.has(`${rule.id} ${layer}`),
      ...alert,
      title: `${layer ?? rule.metric}: ${rule.title}`,
      message: over
        ? `${label} is ${percent(alert.value)} again; the alert ends below ${percent(alert.threshold)}.`
        : `${label} is ${percent(alert.value)}${alert.threshold === null ? "" : `; ${alert.severity} from ${percent(alert.threshold)}`}, in ${rule.patience} readings running.`,
      hints: over || rule.id !== "noisy-filters" ? [] : ["The filters have hardly moved from their initial weights: the learning rate may be too low."],
    };
  }
}
