import type { UnitView } from "../../generated/protocol.ts";
import type { FeatureEpoch } from "../../state/features.ts";

/** What a row of two epochs side by side shows, and how its sides differ. */
export interface Difference {
  title: string;
  a: UnitView | undefined;
  b: UnitView | undefined;
  kind: "same" | "jumped" | "other";
  words: string;
}

/** The followed maps, or the strongest by rank, of two epochs. */
export function differences(rows: "followed" | "strongest", followed: readonly number[], a: FeatureEpoch, b: FeatureEpoch): Difference[] {
  if (rows === "followed") {
    return followed.map((map, index) => ofMap(map, a.followed.ofMap(map, index), b.followed.ofMap(map, index)));
  }
  const [before, after] = [a.strongest.all(), b.strongest.all()];
  return Array.from({ length: Math.max(before.length, after.length) }, (_, rank) => ofRank(rank, before, after));
}

function ofMap(map: number, a: UnitView | undefined, b: UnitView | undefined): Difference {
  const title = `map ${map}`;
  if (a === undefined || b === undefined) return { title, a, b, kind: "other", words: "not in both" };
  if (a.image !== b.image) return { title, a, b, kind: "jumped", words: "jump: another image" };
  const moved = a.row !== b.row || a.column !== b.column;
  return { title, a, b, kind: "same", words: moved ? "same image, another place in it" : "same image, same place" };
}

function ofRank(rank: number, before: readonly UnitView[], after: readonly UnitView[]): Difference {
  const [a, b] = [before[rank], after[rank]];
  const title = `rank ${rank + 1}`;
  if (a !== undefined && a.map === b?.map) {
    const { kind, words } = ofMap(a.map, a, b);
    return { title, a, b, kind, words: `map ${a.map} in both; ${words}` };
  }
  const elsewhere = (unit: UnitView | undefined, others: readonly UnitView[], name: string): string | undefined => {
    if (unit === undefined) return undefined;
    const at = others.findIndex(({ map }) => map === unit.map);
    return `map ${unit.map}: ${at < 0 ? `not in ${name}` : `rank ${at + 1} in ${name}`}`;
  };
  const words = [elsewhere(a, after, "B"), elsewhere(b, before, "A")].filter((each) => each !== undefined);
  return { title, a, b, kind: "other", words: words.join("\n") };
}
