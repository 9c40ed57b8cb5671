import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useViewport } from "../viewport.ts";
import { rowsInView } from "./rows.ts";

/** Lengths of a wall in CSS pixels. */
export interface Measures {
  /** Width and height of a place, with the gap after it. */
  column: number;
  row: number;
  columns: number;
}

interface Props<M extends Measures> {
  label: string;
  /** The filters or maps to show, by number. */
  shown: readonly number[];
  chosen: number | undefined;
  /** How large everything is in a width. */
  measure: (width: number) => M;
  render: (number: number, measures: M) => ComponentChildren;
  onPoint?: (number: number | undefined) => void;
  onChoose?: (number: number) => void;
  class?: string;
}

/** Filters or maps in rows. Only the rows in view exist: a layer can have thousands. What is rendered names itself by `data-number`. */
export function Wall<M extends Measures>({ label, shown, chosen, measure, render, onPoint, onChoose, class: more = "" }: Props<M>) {
  const box = useRef<HTMLDivElement>(null);
  const viewport = useViewport(box, { width: 480, height: 400 });
  const size = measure(viewport.width);
  const rows = Math.ceil(shown.length / size.columns);
  const [first, last] = rowsInView(viewport, size.row, rows);

  // Bring the chosen one into sight.
  useLayoutEffect(() => {
    const element = box.current!;
    const row = chosen === undefined ? -1 : Math.floor(shown.indexOf(chosen) / size.columns);
    if (row < 0) return;
    const top = row * size.row;
    if (top < element.scrollTop || top + size.row > element.scrollTop + element.clientHeight) element.scrollTop = top;
  }, [chosen, shown.length, size.columns]);

  const numberAt = ({ target }: Event): number | undefined => {
    const place = target instanceof Element ? target.closest<HTMLElement>("[data-number]") : null;
    return place === null ? undefined : Number(place.dataset.number);
  };
  return (
    <div
      ref={box}
      class={`wall ${more}`}
      onMouseOver={(event) => onPoint?.(numberAt(event))}
      onMouseLeave={() => onPoint?.(undefined)}
      onFocusIn={(event) => onPoint?.(numberAt(event))}
      onFocusOut={() => onPoint?.(undefined)}
      onClick={(event) => {
        const number = numberAt(event);
        if (number !== undefined) onChoose?.(number);
      }}
    >
      <ul aria-label={label} style={{ height: `${rows * size.row}px` }}>
        {shown.slice(first * size.columns, last * size.columns).map((number, index) => {
          const at = first * size.columns + index;
          return (
            <li
              key={number}
              aria-setsize={shown.length}
              aria-posinset={at + 1}
              style={{ left: `${(at % size.columns) * size.column}px`, top: `${Math.floor(at / size.columns) * size.row}px` }}
            >
              {render(number, size)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
