import type { Document, RecordPage, RunList } from "../generated/protocol.ts";
import { Refused, type Source } from "./source.ts";

/** The server that the page came from. */
export const server: Source = {
  report: undefined,
  async runs() {
    const response = await ask("runs");
    // Servers had no list before there was version 2 of the language.
    if (response.status === 404) return { version: 1, runs: [] };
    return (await good(response).json()) as RunList;
  },
  socket(run, after) {
    const address = at(`${folder(run)}/socket?after=${after}`);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    return address.href;
  },
  async records(run, { kind, layer, before }) {
    const query = new URLSearchParams({ kind, ...(layer === undefined ? {} : { layer }), before: String(before) });
    return (await good(await ask(`${folder(run)}/records?${query}`)).json()) as RecordPage;
  },
  picture: (run, id) => at(`${folder(run)}/images/${encodeURIComponent(id)}.png`).href,
  async document(run, id) {
    const text = await good(await ask(`${folder(run)}/documents/${encodeURIComponent(id)}.json`)).text();
    return { document: JSON.parse(text) as Document, length: text.length };
  },
};

function folder(run: string): string {
  return `runs/${encodeURIComponent(run)}`;
}

function at(path: string): URL {
  const address = new URL(path, document.baseURI);
  address.hash = "";
  return address;
}

async function ask(path: string): Promise<Response> {
  try {
    return await fetch(at(path));
  } catch {
    throw new Error("the server does not answer");
  }
}

function good(response: Response): Response {
  if (response.status === 401) throw new Refused("the server no longer accepts this page");
  if (!response.ok) throw new Error(`the server answers with ${response.status} ${response.statusText}`.trim());
  return response;
}
