import type { LayerChanges } from "../../state/changes.ts";
import type { Span } from "../epochs.tsx";
import { isUnjudged } from "./states.ts";
import { valueOf, type Quantity } from "./quantities.ts";

/** More columns than this cannot be told apart: then one stands for several epochs. */
export const MOST_COLUMNS = 400;

/** How epochs become columns, all of the same number of epochs. */
export interface Axis {
  /** The epochs of all columns; it may end after the newest epoch. */
  span: Span;
  /** Epochs in a column. */
  each: number;
  count: number;
}

export function axisOf(newest: number): Axis {
  const each = Math.ceil((newest + 1) / MOST_COLUMNS);
  const count = Math.ceil((newest + 1) / each);
  return { span: { first: 0, last: count * each - 1 }, each, count };
}

/** What a column shows. */
export interface Column {
  /** The epoch that the value is of. */
  epoch: number;
  value: number | undefined;
  /**
   * `value`: a reading; `held`: none, but one of an earlier epoch; `unjudged`: there is nothing to compare, as the
   * layer's state says; `none`: there cannot be a reading; `missing`: the epoch was not read.
   */
  kind: "value" | "held" | "unjudged" | "none" | "missing";
}

const RANK: { [kind in Column["kind"]]: number } = { missing: 0, none: 1, held: 2, unjudged: 3, value: 4 };

/** One layer's columns. Of several epochs the one with the most change is shown. */
export function columnsOf(quantity: Quantity, changes: LayerChanges, { each, count, span }: Axis, newest: number): Column[] {
  const columns: Column[] = [];
  let held: number | undefined;
  for (let at = 0; at < count; at++) {
    const first = span.first + at * each;
    let shown: Column | undefined;
    for (let epoch = first; epoch < first + each && epoch <= newest; epoch++) {
      const column = cell(quantity, changes, epoch, held);
      if (column.kind === "value") held = column.value;
      if (shown === undefined || isBetter(quantity, column, shown)) shown = column;
    }
    columns.push(shown ?? { epoch: first, value: undefined, kind: "missing" });
  }
  return columns;
}

function cell(quantity: Quantity, changes: LayerChanges, epoch: number, held: number | undefined): Column {
  const value = valueOf(quantity, changes, epoch);
  if (value != null) return { epoch, value, kind: "value" };
  if (!changes.has(epoch)) return { epoch, value: undefined, kind: "missing" };
  if (isUnjudged(changes.state(epoch))) return { epoch, value: undefined, kind: "unjudged" };
  if (quantity.field === undefined && held !== undefined && epoch < changes.likeness!.epoch) return { epoch, value: held, kind: "held" };
  return { epoch, value: undefined, kind: "none" };
}

/** Whether of two epochs in a column the new one is to be shown. */
function isBetter({ likeness }: Quantity, column: Column, shown: Column): boolean {
  if (column.kind !== shown.kind) return RANK[column.kind] > RANK[shown.kind];
  if (column.kind !== "value") return false;
  return likeness ? column.value! < shown.value! : column.value! > shown.value!;
}

/** The column of an epoch. */
export function columnAt(axis: Axis, epoch: number): number {
  return Math.min(axis.count - 1, Math.max(0, Math.floor((epoch - axis.span.first) / axis.each)));
}

/** The column under a pointer. */
export function columnUnder(axis: Axis, event: MouseEvent, box: HTMLElement): number {
  const { left, width } = box.getBoundingClientRect();
  return Math.min(axis.count - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * axis.count)));
}
