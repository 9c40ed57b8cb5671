import { signal } from "@preact/signals";
import type { BasisSheet, DirectionHit, DirectionView } from "../../generated/protocol.ts";

export type Side = "units" | "random";

/** A picture of the sheet, by its place. */
export interface Place {
  side: Side;
  row: number;
  hit: number;
}

/** The picture under the pointer, and the one that was chosen. */
export const pointed = signal<Place | undefined>(undefined);
export const chosen = signal<Place | undefined>(undefined);

export function viewsOf(basis: BasisSheet, side: Side): readonly DirectionView[] {
  return side === "units" ? basis.unit_views : basis.random_views;
}

export function same(a: Place | undefined, b: Place): boolean {
  return a !== undefined && a.side === b.side && a.row === b.row && a.hit === b.hit;
}

/** What a place shows; undefined if the sheet has no such place. */
export function at(basis: BasisSheet, place: Place | undefined): { place: Place; view: DirectionView; hit: DirectionHit } | undefined {
  const view = place && viewsOf(basis, place.side)[place.row];
  const hit = view?.hits[place!.hit];
  return hit && { place: place!, view: view!, hit };
}

/** "map 12", "mixture 3". */
export function directionName({ side, row }: Pick<Place, "side" | "row">, { map }: DirectionView): string {
  return side === "units" && map !== null ? `map ${map}` : `mixture ${row + 1}`;
}
