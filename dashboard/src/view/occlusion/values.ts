import { useMemo } from "preact/hooks";
import { colour } from "../../charts/colours.ts";
import type { Ramp } from "../../charts/ramp.ts";
import { colours } from "../../navigation/preferences.ts";

/** The colours of the values of a map. */
export function useColours(values: readonly (number | null)[], { low, high, colour: of }: Ramp): readonly string[] {
  const theme = colours.value;
  return useMemo(() => values.map((value) => (value === null ? colour("broken") : of(value))), [values, low, high, theme]);
}
