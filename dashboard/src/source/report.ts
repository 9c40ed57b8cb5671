import type { Record, Report } from "../generated/protocol.ts";
import type { Source } from "./source.ts";

/** Where a report's file has the run. */
export const REPORT_ID = "spyhole-report";

/** Records in a page of history: so many are read without the page stopping. */
const PAGE = 2000;

/** The run that is in the page's own file, if the page is a report. */
export function embedded(): Source | undefined {
  const text = document.getElementById(REPORT_ID)?.textContent?.trim() ?? "";
  return text === "" ? undefined : fromReport(JSON.parse(text) as Report);
}

export function fromReport(report: Report): Source {
  const shelves = new Map<string, Record[]>();
  for (const record of report.records) {
    const { event } = record;
    shelve(shelves, event.kind, record);
    if ("layer" in event && event.layer !== null) shelve(shelves, `${event.kind} ${event.layer}`, record);
  }
  return {
    report,
    async runs() {
      return { version: report.version, runs: [report.run] };
    },
    socket() {
      throw new Error("a report has no socket");
    },
    async records(_, { kind, layer, before }) {
      const all = shelves.get(layer === undefined ? kind : `${kind} ${layer}`) ?? [];
      let end = all.length;
      while (end > 0 && all[end - 1]!.seq >= before) end--;
      const start = Math.max(0, end - PAGE);
      return { records: all.slice(start, end), before: start === 0 ? null : all[start]!.seq };
    },
    // What was left out of the file is a picture that cannot be had.
    picture: (_, id) => (report.images[id] === undefined ? "data:," : `data:image/png;base64,${report.images[id]}`),
    async document(_, id) {
      const found = report.documents[id];
      if (found === undefined) throw new Error("it is not in this report");
      return { document: found, length: 0 };
    },
  };
}

function shelve(shelves: Map<string, Record[]>, key: string, record: Record): void {
  const shelf = shelves.get(key);
  if (shelf === undefined) shelves.set(key, [record]);
  else shelf.push(record);
}
