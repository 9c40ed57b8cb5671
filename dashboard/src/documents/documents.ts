import { Loader } from "../loading/loader.ts";
import { source, whereabouts } from "../source/current.ts";
import type { Fetched } from "../source/source.ts";

/** How much text is kept: as objects it takes several times as much memory. */
const KEPT = 24_000_000;

/** The documents of studies, by content address. */
export const documents = new Loader<Fetched>((address) => source.document(...whereabouts(address)), KEPT, ({ length }) => length);
