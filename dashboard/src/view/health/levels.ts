import type { Level } from "../../charts/marks.ts";
import type { AlertRule, NullBand, Severity, Statistic } from "../../generated/protocol.ts";
import { clearLevel, clearWords, levelWords } from "../../state/value.ts";

const DASH: { [severity in Severity]: number[] } = { info: [2, 3], warning: [6, 4], critical: [10, 3] };

/** The lines of a statistic's chart: where alerts begin and end, and what random weights would read. */
export function levels(statistic: Statistic, rules: readonly AlertRule[], band: NullBand | undefined, small: boolean): Level[] {
  const lines: Level[] = [];
  for (const rule of rules) {
    if (rule.compare === "not_finite") continue;
    for (const level of rule.levels.toReversed()) {
      if (level.threshold === null) continue;
      lines.push({
        value: level.threshold,
        words: small ? level.severity : levelWords(rule, level, statistic.scale),
        colour: level.severity,
        dash: DASH[level.severity],
      });
    }
    const clear = clearLevel(rule);
    if (clear !== undefined && rule.levels.every(({ threshold }) => threshold !== clear)) {
      lines.push({ value: clear, words: small ? "ends" : clearWords(rule, statistic.scale), colour: "ink-3", dash: [1, 3] });
    }
  }
  if (band !== undefined) lines.push({ value: (band.low + band.high) / 2, words: "random weights", colour: "noise", dash: [] });
  return lines;
}

/** Up to this epoch no rule looks at the statistic; 0 if there is no rule or no warm-up. */
export function warmUp(rules: readonly AlertRule[]): number {
  return rules.length === 0 ? 0 : Math.min(...rules.map((rule) => rule.warm_up));
}
