import type { Document, RecordPage, Report, RunList } from "../generated/protocol.ts";
import type { BulkKind } from "../state/model.ts";

/** Which records of history are wanted: the newest of a kind, about one layer or all, before a record. */
export interface Page {
  kind: BulkKind;
  layer: string | undefined;
  before: number;
}

/** A document, and how long its text was. */
export interface Fetched {
  document: Document;
  length: number;
}

/** A server that does not let this page in any more. */
export class Refused extends Error {}

/** Where runs come from: a server, or the file that the page itself is. Runs go by their keys. */
export interface Source {
  /** The report that is read instead of a server. */
  report: Report | undefined;
  runs(): Promise<RunList>;
  /** The address of a run's socket that goes on behind a record; there is none in a report. */
  socket(run: string, after: number): string;
  records(run: string, page: Page): Promise<RecordPage>;
  /** The address of a picture. */
  picture(run: string, id: string): string;
  document(run: string, id: string): Promise<Fetched>;
}
