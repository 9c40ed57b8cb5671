import { useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";
import type { Atlas } from "../generated/protocol.ts";
import { store } from "../state/store.ts";
import { pictures } from "./pictures.ts";

/**
 * Draws one tile of an atlas into a canvas as soon as it is here; `finish` may change what was drawn, and does so
 * again when `key` changes. True if the picture cannot be had: it is asked for again after a reconnection.
 */
export function useDrawn(
  canvas: RefObject<HTMLCanvasElement | null>,
  { image, tile_width: width, tile_height: height, columns }: Atlas,
  index: number,
  finish?: (context: CanvasRenderingContext2D) => void,
  key = "",
): boolean {
  const [missing, setMissing] = useState(false);
  const attempt = missing ? store.hello.value : undefined;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    const draw = (picture: CanvasImageSource): void => {
      const [x, y] = [(index % columns) * width, Math.floor(index / columns) * height];
      context.clearRect(0, 0, width, height);
      context.drawImage(picture, x, y, width, height, 0, 0, width, height);
      finish?.(context);
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
  }, [image, index, width, height, columns, attempt, key]);
  return missing;
}
