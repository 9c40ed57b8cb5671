import { signal } from "@preact/signals";
import { formatRoute, parseRoute, type Route } from "./route.ts";

export const route = signal<Route>(parseRoute(location.hash));

const WRITE_DELAY_MS = 200;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Changes what is shown. Another view or layer is a step in the browser's history; an epoch is not.
 */
export function go(change: Partial<Route>): void {
  const old = route.peek();
  const next = { ...old, ...change };
  route.value = next;
  clearTimeout(timer);
  if (next.run !== old.run || next.view !== old.view || next.layer !== old.layer) {
    history.pushState(null, "", formatRoute(next));
  } else {
    // Browsers limit how often a page may do this, and playing changes the epoch many times a second.
    timer = setTimeout(() => history.replaceState(null, "", formatRoute(route.peek())), WRITE_DELAY_MS);
  }
}

/** Says more exactly what is shown; the browser's history goes back to just that. */
export function pin(change: Partial<Route>): void {
  clearTimeout(timer);
  route.value = { ...route.peek(), ...change };
  history.replaceState(null, "", formatRoute(route.peek()));
}

export function linkTo(change: Partial<Route>): string {
  return formatRoute({ ...route.value, ...change });
}

function read(): void {
  clearTimeout(timer);
  route.value = parseRoute(location.hash);
}
addEventListener("popstate", read);
addEventListener("hashchange", read);
