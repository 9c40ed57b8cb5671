import type { AlertLevel, AlertRule, Scale } from "../generated/protocol.ts";

/** A reading in words. `null`: not a finite number; `undefined`: no reading. */
export function reading(value: number | null | undefined, scale: Scale | undefined): string {
  if (value === undefined) return "–";
  if (value === null) return "not finite";
  return scale === "share" ? percent(value) : short(value);
}

/** A number with four significant digits at most. */
function short(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e6 || size < 1e-4)) return value.toExponential(2).replace(/\.?0*e\+?/, "e").replace(/^-/, "−");
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

/** A share with three significant digits. */
export function percent(share: number): string {
  const value = share * 100;
  if (value !== 0 && Math.abs(value) < 0.001) return `${value < 0 ? "> −" : "< "}0.001 %`;
  return `${Number(value.toPrecision(3))} %`.replace("-", "−");
}

/** Whether a threshold only tells zero from everything above. */
function isZero(threshold: number, scale: Scale | undefined): boolean {
  return Math.abs(threshold) < (scale === "share" ? 1e-6 : 1e-300);
}

/** "warning from 50 %": when a rule raises an alert of this severity. */
export function levelWords(rule: AlertRule, level: AlertLevel, scale: Scale | undefined): string {
  const name = level.severity;
  if (rule.compare === "not_finite" || level.threshold === null) return `${name} if not a finite number`;
  if (rule.compare === "at_least" && isZero(level.threshold, scale)) return `${name} above 0`;
  return `${name} ${rule.compare === "at_least" ? "from" : "at or below"} ${reading(level.threshold, scale)}`;
}

/** The threshold for the end of a rule's alert. */
export function clearLevel(rule: AlertRule): number | undefined {
  return rule.clear ?? rule.levels[0]?.threshold ?? undefined;
}

/** "ends below 35 %". */
export function clearWords(rule: AlertRule, scale: Scale | undefined): string {
  const level = clearLevel(rule);
  if (rule.compare === "not_finite" || level === undefined) return "ends when it is a finite number again";
  if (rule.compare === "at_least" && isZero(level, scale)) return "ends at 0";
  return `ends ${rule.compare === "at_least" ? "below" : "above"} ${reading(level, scale)}`;
}

/** "3 filters". */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString("en")} ${amount === 1 ? one : many}`;
}

/** "conv1, conv2 and conv3". */
export function list(words: readonly string[], last = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words[words.length - 1]}`;
}

/** What the recorder says in the middle of a sentence, as one of its own. */
export function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}
