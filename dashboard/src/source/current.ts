import { embedded } from "./report.ts";
import { server } from "./server.ts";
import type { Source } from "./source.ts";

/** Where this page's runs come from. */
export const source: Source = (typeof document === "undefined" ? undefined : embedded()) ?? server;

let shown = "";

/** Says which run content addresses belong to that do not say so themselves. */
export function showRun(key: string): void {
  shown = key;
}

/** A content address of another run than the one that the page shows. */
export function inRun(key: string, id: string): string {
  return `${key}/${id}`;
}

/** The run and the content address that an address stands for. */
export function whereabouts(address: string): [run: string, id: string] {
  const at = address.lastIndexOf("/");
  return at < 0 ? [shown, address] : [address.slice(0, at), address.slice(at + 1)];
}
