import { useLayoutEffect, useRef } from "preact/hooks";
import { colour } from "../../charts/colours.ts";
import { go } from "../../navigation/navigate.ts";
import { colours } from "../../navigation/preferences.ts";
import { useModel } from "../../state/store.ts";
import { EpochTicks, place } from "../epochs.tsx";
import { axisOf, columnAt, columnUnder } from "../settling/columns.ts";

interface Props {
  map: number;
  epoch: number;
  /** The epochs with pictures. */
  epochs: { epochs: readonly number[] };
  jumps: readonly number[];
}

const HEIGHT = 10;

/** All epochs of a film at once, with its jumps. */
export function JumpTrack({ map, epoch, epochs, jumps }: Props) {
  const newest = Math.max(1, useModel().newestEpoch);
  const axis = axisOf(newest);
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = epochs.epochs.length;
  const palette = colours.value;
  useLayoutEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!ctx) return;
    ctx.clearRect(0, 0, axis.count, 1);
    ctx.fillStyle = colour("line");
    for (const each of epochs.epochs) ctx.fillRect(columnAt(axis, each), 0, 1, 1);
    ctx.fillStyle = colour("accent");
    for (const jump of jumps) ctx.fillRect(columnAt(axis, jump), 0, 1, 1);
  }, [map, newest, jumps, seen, palette]);
  return (
    <div class="jump-track">
      <div
        class="cells"
        onClick={(event) => go({ epoch: columnUnder(axis, event, event.currentTarget) * axis.each })}
      >
        <canvas
          ref={canvas}
          class="hatch"
          width={axis.count}
          height={1}
          style={{ height: `${HEIGHT}px` }}
          role="img"
          aria-label={jumps.length === 0 ? `Map ${map} never jumped` : `Map ${map} jumped in the epochs ${jumps.slice(-40).join(", ")}`}
        />
        <i style={{ left: `${place(axis.span, axis.span.first + (columnAt(axis, epoch) + 0.5) * axis.each)}%` }} />
      </div>
      <EpochTicks span={axis.span} />
      {axis.each > 1 && <p class="note">Each column stands for {axis.each} epochs; it is coloured if one of them has a jump.</p>}
    </div>
  );
}
