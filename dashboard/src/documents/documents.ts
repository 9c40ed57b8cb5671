import { Loader } from "../loading/loader.ts";
import type { Document } from "../generated/protocol.ts";

/** A document, and how long its text was. */
export interface Fetched {
  document: Document;
  length: number;
}

/** How much text is kept: as objects it takes several times as much memory. */
const KEPT = 24_000_000;

/** The documents of studies, by content address. */
export const documents = new Loader<Fetched>(
  async (id) => {
    const response = await fetch(new URL(`documents/${encodeURIComponent(id)}.json`, document.baseURI));
    if (!response.ok) throw new Error(String(response.status));
    const text = await response.text();
    return { document: JSON.parse(text) as Document, length: text.length };
  },
  KEPT,
  ({ length }) => length,
);
