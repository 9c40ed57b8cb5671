import { effect, signal, type Signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

/** A choice that is remembered where the browser allows it. */
function remembered<T extends string | number | boolean>(name: string, start: T, valid: (value: unknown) => boolean): Signal<T> {
  const key = `spyhole.${name}`;
  let value = start;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (valid(stored)) value = stored as T;
  } catch {
    // No storage, or nonsense in it: the default will do.
  }
  const choice = signal(value);
  effect(() => {
    const text = JSON.stringify(choice.value);
    try {
      localStorage.setItem(key, text);
    } catch {
      // Remembered until the page is closed.
    }
  });
  return choice;
}

export const theme = remembered<Theme>("theme", "system", (value) =>
  ["system", "light", "dark"].includes(value as string),
);

export const SMALLEST_TILE = 32;
export const LARGEST_TILE = 160;

/** Side of a picture in the Evolution grid, in CSS pixels. */
export const tileSize = remembered<number>("tile", 72, (value) => {
  return typeof value === "number" && value >= SMALLEST_TILE && value <= LARGEST_TILE;
});

export const SMALLEST_ZOOM = 0.6;
export const LARGEST_ZOOM = 3;

/** How large the pictures of the other views are, compared with what they choose by themselves. */
export const zoom = remembered<number>("zoom", 1, (value) => {
  return typeof value === "number" && value >= SMALLEST_ZOOM && value <= LARGEST_ZOOM;
});

/** Whether the maps of an occlusion are laid over the image, and how much of it they hide, in per cent. */
export const over = remembered<boolean>("over", true, (value) => typeof value === "boolean");
export const opacity = remembered<number>("opacity", 75, (value) => typeof value === "number" && value >= 0 && value <= 100);

/** Goes up when the colours change: charts are painted, not styled. */
export const colours = signal(0);

/** Whether there is room for larger pictures. */
export const wide = signal(false);
const wideScreen = matchMedia("(min-width: 1600px)");
wide.value = wideScreen.matches;
wideScreen.addEventListener("change", () => (wide.value = wideScreen.matches));

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
prefersDark.addEventListener("change", () => (colours.value += 1));

effect(() => {
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
  colours.value = colours.peek() + 1;
});
