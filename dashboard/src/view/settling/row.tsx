import { useLayoutEffect, useRef } from "preact/hooks";
import type { Ramp } from "../../charts/ramp.ts";
import { go } from "../../navigation/navigate.ts";
import { colours } from "../../navigation/preferences.ts";
import type { LayerChanges } from "../../state/changes.ts";
import { useModel } from "../../state/store.ts";
import { columnsOf, columnUnder, type Axis, type Column } from "./columns.ts";
import { paintColumns, paintMarks, paintStays } from "./paint.ts";
import { point } from "./pointed.ts";
import type { Quantity } from "./quantities.ts";
import { sinceWords, standingWords, STATES } from "./states.ts";

/** Height of a layer's cells, and of the bar under them, in CSS pixels. */
export interface Heights {
  cells: number;
  bar: number;
}

interface Props {
  layer: string;
  changes: LayerChanges;
  quantity: Quantity;
  axis: Axis;
  newest: number;
  revision: number;
  ramp: Ramp;
  /** Of the cells, in CSS pixels. */
  width: number;
  heights: Heights;
  selected: boolean;
}

/** One layer of the clock. */
export function Row({ layer, changes, quantity, axis, newest, revision, ramp, width, heights, selected }: Props) {
  const model = useModel();
  const canvas = useRef<HTMLCanvasElement>(null);
  const columns = useRef<readonly Column[]>([]);
  const standing = model.settlings.standing(layer);
  const closeSince = changes.likeness && changes.value("close_since", changes.likeness.epoch);
  const { cells, bar } = heights;

  useLayoutEffect(() => {
    columns.current = columnsOf(quantity, changes, axis, newest);
    const ctx = canvas.current?.getContext("2d");
    if (!ctx || width <= 0) return;
    const px = devicePixelRatio;
    const wide = ctx.canvas.width;
    ctx.clearRect(0, 0, wide, ctx.canvas.height);
    const box = { top: 0, width: wide, height: cells * px };
    paintColumns(ctx, columns.current, ramp, box);
    const stays = model.settlings.stays(layer);
    paintStays(ctx, stays, axis, newest, { top: (cells + 1) * px, width: wide, height: (bar - 1) * px });
    paintMarks(ctx, stays, model.settlings.movedAgain(layer), axis, box);
  }, [layer, quantity, changes, revision, width, cells, colours.value]);

  const under = (event: MouseEvent): number =>
    columns.current[columnUnder(axis, event, event.currentTarget as HTMLElement)]?.epoch ?? 0;
  return (
    <tr class={selected ? "selected" : ""}>
      <th scope="row">
        <button type="button" class="link" aria-pressed={selected} title={layer} onClick={() => go({ layer, map: undefined })}>
          {layer}
        </button>
      </th>
      <td>
        <div
          class="clock-row"
          onMouseMove={(event) => point({ layer, epoch: under(event) })}
          onMouseLeave={() => point(undefined)}
          onClick={(event) => go({ layer, map: undefined, epoch: under(event) })}
        >
          <canvas
            ref={canvas}
            width={Math.round(width * devicePixelRatio)}
            height={Math.round((cells + bar) * devicePixelRatio)}
            style={{ height: `${cells + bar}px`, "--cells": `${cells}px` }}
            role="img"
            aria-label={`${quantity.label} of ${layer} over epochs; ${standingWords(standing)}`}
          />
          <i class="at" />
          <i class="here" />
        </div>
      </td>
      <td class="standing" title={standing && STATES[standing.state].meaning}>
        {standing === undefined ? (
          "–"
        ) : (
          <span class={`settling-state ${standing.state}`}>
            <i aria-hidden="true">{STATES[standing.state].mark}</i> {STATES[standing.state].name}
          </span>
        )}
      </td>
      <td>{standing?.state === "frozen" ? "the start" : (standing?.since ?? "–")}</td>
      <td>{standing === undefined || standing.moved_again === 0 ? "–" : `${standing.moved_again} ×`}</td>
      <td>{sinceWords(closeSince, changes.likeness?.epoch)}</td>
    </tr>
  );
}
