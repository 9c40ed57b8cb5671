import type { ComponentChildren } from "preact";

function icon(children: ComponentChildren) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {children}
    </svg>
  );
}

export const PlayIcon = () => icon(<path d="M4.5 2.8v10.4l8.5-5.2z" fill="currentColor" />);
export const PauseIcon = () => icon(<path d="M4 3h3v10H4zM9 3h3v10H9z" fill="currentColor" />);
export const BackIcon = () =>
  icon(<path d="M10 3 5 8l5 5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />);
export const ForwardIcon = () =>
  icon(<path d="m6 3 5 5-5 5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />);
export const SystemIcon = () =>
  icon(
    <>
      <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.4" />
      <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
    </>,
  );
export const LightIcon = () =>
  icon(
    <>
      <circle cx="8" cy="8" r="3" fill="currentColor" />
      <path
        d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13"
        stroke="currentColor"
        stroke-width="1.4"
        stroke-linecap="round"
      />
    </>,
  );
export const DarkIcon = () => icon(<path d="M13.5 9.8A5.8 5.8 0 0 1 6.2 2.5a5.8 5.8 0 1 0 7.3 7.3z" fill="currentColor" />);

/** The mark: a glow behind a small round window. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <circle cx="12" cy="12" r="10" fill="none" stroke="currentColor" stroke-width="1.6" />
      <circle class="glow" cx="12" cy="12" r="6" />
      <circle class="core" cx="12" cy="12" r="2.7" />
    </svg>
  );
}
