import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Atlas } from "../generated/protocol.ts";
import { store } from "../state/store.ts";
import { pictures } from "./pictures.ts";

interface Props {
  atlas: Atlas;
  index: number;
  /** Longer side on the screen, in CSS pixels. */
  size: number;
  /** What it shows, for people who cannot see it; left out where the surroundings say it. */
  label?: string;
}

/**
 * One tile of an atlas. It is drawn pixel by pixel into a canvas of its own, so that nothing of its
 * neighbours leaks in when the browser enlarges it.
 */
export function Tile({ atlas, index, size, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [missing, setMissing] = useState(false);
  const { image, tile_width: width, tile_height: height, columns } = atlas;
  // A picture that could not be had is asked for again after a reconnection.
  const attempt = missing ? store.hello.value : undefined;

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    const draw = (picture: CanvasImageSource): void => {
      const [x, y] = [(index % columns) * width, Math.floor(index / columns) * height];
      context.clearRect(0, 0, width, height);
      context.drawImage(picture, x, y, width, height, 0, 0, width, height);
      canvas.current?.setAttribute("data-drawn", "");
    };
    const here = pictures.peek(image);
    if (here !== undefined) {
      draw(here);
      return;
    }
    context.clearRect(0, 0, width, height);
    canvas.current?.removeAttribute("data-drawn");
    return pictures.request(image, (picture) => {
      if (picture !== undefined) draw(picture);
      setMissing(picture === undefined);
    });
  }, [image, index, width, height, columns, attempt]);

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
