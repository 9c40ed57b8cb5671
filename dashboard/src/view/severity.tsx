import type { Severity } from "../generated/protocol.ts";

const SHAPE: { [severity in Severity]: preact.JSX.Element } = {
  info: (
    <>
      <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 7.2v4.3M8 4.3v1.4" stroke="currentColor" stroke-width="1.8" />
    </>
  ),
  warning: (
    <>
      <path d="M8 1.8 15 14H1z" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" />
      <path d="M8 6v4M8 11v1.5" stroke="currentColor" stroke-width="1.7" />
    </>
  ),
  critical: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />
      <path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4" stroke="var(--surface)" stroke-width="1.8" />
    </>
  ),
};

interface Props {
  severity: Severity;
  /** What it says to people who cannot see it; left out where the surroundings say it. */
  words?: string;
}

/** A severity as a shape and a colour. */
export function SeverityIcon({ severity, words }: Props) {
  const label = words === undefined ? { "aria-hidden": "true" as const } : { role: "img" as const, "aria-label": words };
  return (
    <svg class={`severity-icon ${severity}`} viewBox="0 0 16 16" width="14" height="14" {...label}>
      {words !== undefined && <title>{words}</title>}
      {SHAPE[severity]}
    </svg>
  );
}

/** A severity as a shape, a colour and a word. */
export function SeverityTag({ severity }: { severity: Severity }) {
  return (
    <span class={`severity ${severity}`}>
      <SeverityIcon severity={severity} />
      {severity}
    </span>
  );
}
