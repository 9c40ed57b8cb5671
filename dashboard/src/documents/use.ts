import { useLayoutEffect, useState } from "preact/hooks";
import type { Document } from "../generated/protocol.ts";
import { store } from "../state/store.ts";
import { documents } from "./documents.ts";

export type Kind = Document["document"];
export type DocumentOf<K extends Kind> = Extract<Document, { document: K }>;

/**
 * A document that is being fetched. While it is `loading`, `document` is the one before it, if there was one:
 * a page that is played through the epochs does not flicker.
 */
export interface Fetching<K extends Kind> {
  state: "none" | "loading" | "missing" | "here";
  document: DocumentOf<K> | undefined;
}

interface Answered {
  id: string;
  document: Document | undefined;
}

/** The document of a study; one that could not be had is asked for again after a reconnection. */
export function useDocument<K extends Kind>(kind: K, id: string | undefined): Fetching<K> {
  const [answered, setAnswered] = useState<Answered | undefined>(undefined);
  const here = id === undefined ? undefined : documents.peek(id)?.document;
  const missing = id !== undefined && here === undefined && answered?.id === id && answered.document === undefined;
  const attempt = missing ? store.hello.value : undefined;
  useLayoutEffect(() => {
    if (id === undefined) return;
    const known = documents.peek(id)?.document;
    if (known !== undefined) {
      setAnswered({ id, document: known });
      return;
    }
    return documents.request(id, (fetched) => setAnswered({ id, document: fetched?.document }));
  }, [id, attempt]);
  if (id === undefined) return { state: "none", document: undefined };
  const now = here ?? (answered?.id === id ? answered.document : undefined);
  if (now !== undefined) return now.document === kind ? { state: "here", document: now as DocumentOf<K> } : { state: "missing", document: undefined };
  if (missing) return { state: "missing", document: undefined };
  const before = answered?.document;
  return { state: "loading", document: before?.document === kind ? (before as DocumentOf<K>) : undefined };
}
