import type { Compared } from "./runs.ts";

/** A run's name with the line that stands for it in the charts. */
export function RunMark({ run: { name, look } }: { run: Compared }) {
  return (
    <span class="run-mark">
      <svg viewBox="0 0 30 6" width="30" height="6" aria-hidden="true" style={{ color: `var(--${look.colour})` }}>
        <path d="M0 3h30" stroke="currentColor" stroke-width="2.5" stroke-dasharray={look.dash.join(" ")} />
      </svg>
      {name}
    </span>
  );
}
