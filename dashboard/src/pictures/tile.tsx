import { useLayoutEffect, useRef } from "preact/hooks";
import type { Atlas } from "../generated/protocol.ts";
import { useDrawn } from "./drawn.ts";
import type { Meaning } from "./meaning.ts";
import { tell, type ShownTile } from "./pointed.ts";

interface Props {
  atlas: Atlas;
  index: number;
  /** Longer side on the screen, in CSS pixels. */
  size: number;
  /** What its pixels stand for: the pointer reads them. Undefined: something lies over them that is read instead. */
  meaning: Meaning | undefined;
  /** What it shows, for people who cannot see it; left out where the surroundings say it. */
  label?: string;
  /** What it is called where it is enlarged, if it has no label. */
  name?: string;
  /** Changes what was drawn; done again when its key changes. */
  finish?: ShownTile["finish"];
}

/**
 * One tile of an atlas. It is drawn pixel by pixel into a canvas of its own, so that nothing of its
 * neighbours leaks in when the browser enlarges it.
 */
export function Tile({ atlas, index, size, meaning, label, name, finish }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const missing = useDrawn(canvas, atlas, index, finish?.apply, finish?.key);
  useLayoutEffect(() => {
    if (meaning !== undefined) tell(canvas.current!, { atlas, index, meaning, label: name ?? label, finish });
  });
  const { tile_width: width, tile_height: height } = atlas;
  const scale = size / Math.max(width, height);
  const classes = `tile${scale * devicePixelRatio >= 1 ? " crisp" : ""}${missing ? " missing" : ""}`;
  return (
    <canvas
      ref={canvas}
      class={classes}
      width={width}
      height={height}
      style={{ width: `${Math.round(width * scale)}px`, height: `${Math.round(height * scale)}px` }}
      {...(label === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": label })}
    />
  );
}
