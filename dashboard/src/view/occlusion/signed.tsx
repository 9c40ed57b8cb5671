import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { ramp } from "../../charts/ramp.ts";
import type { Atlas } from "../../generated/protocol.ts";
import { pictures } from "../../pictures/pictures.ts";
import { tell } from "../../pictures/pointed.ts";
import { store } from "../../state/store.ts";

interface Props {
  atlas: Atlas;
  index: number;
  /** What white in the tile stands for, and of what. */
  scale: number;
  unit: string;
}

/** From what black stands for to what white stands for. */
export const SIGNED = ramp("signed", -1, 1);

/** A grey tile whose mid-grey is zero, in the colours of a diverging ramp; as large as what it lies in. */
export function SignedTile({ atlas, index, scale, unit }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [missing, setMissing] = useState(false);
  const { image, tile_width: width, tile_height: height, columns } = atlas;
  // A picture that could not be had is asked for again after a reconnection.
  const attempt = missing ? store.hello.value : undefined;

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    const draw = (picture: CanvasImageSource): void => {
      context.clearRect(0, 0, width, height);
      context.drawImage(picture, (index % columns) * width, Math.floor(index / columns) * height, width, height, 0, 0, width, height);
      colourise(context);
      canvas.current?.setAttribute("data-drawn", "");
    };
    const here = pictures.peek(image);
    if (here !== undefined) {
      draw(here);
      return;
    }
    canvas.current?.removeAttribute("data-drawn");
    return pictures.request(image, (picture) => {
      if (picture !== undefined) draw(picture);
      setMissing(picture === undefined);
    });
  }, [image, index, width, height, columns, attempt]);

  useLayoutEffect(() => {
    tell(canvas.current!, { atlas, index, meaning: { kind: "signed", scale, unit }, label: unit, finish: { key: "", apply: colourise } });
  });

  return <canvas ref={canvas} class={`tile crisp${missing ? " missing" : ""}`} width={width} height={height} aria-hidden="true" />;
}

function colourise(context: CanvasRenderingContext2D): void {
  const { width, height } = context.canvas;
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  const table = new Map<number, number[]>();
  for (let at = 0; at < data.length; at += 4) {
    const byte = data[at]!;
    let colour = table.get(byte);
    if (colour === undefined) table.set(byte, (colour = SIGNED.colour((byte - 127.5) / 127.5).match(/\d+/g)!.map(Number)));
    for (let c = 0; c < 3; c++) data[at + c] = colour[c]!;
  }
  context.putImageData(pixels, 0, 0);
}
