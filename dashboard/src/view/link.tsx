import type { ComponentChildren } from "preact";
import { go, linkTo } from "../navigation/navigate.ts";
import type { Route } from "../navigation/route.ts";

interface Props {
  to: Partial<Route>;
  class?: string;
  /** Whether it leads to the view that is shown. */
  current?: boolean;
  children: ComponentChildren;
}

/** A link to another place of this page. */
export function Link({ to, current = false, children, ...more }: Props) {
  return (
    <a
      {...more}
      href={linkTo(to)}
      aria-current={current ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
