import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  busy?: boolean;
  children?: ComponentChildren;
}

/** Says in the middle of an empty view what is going on and what to do. */
export function Notice({ title, busy = false, children }: Props) {
  return (
    <div class={`notice${busy ? " busy" : ""}`}>
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}
