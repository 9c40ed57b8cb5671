import type { Atlas } from "../generated/protocol.ts";
import { pictures } from "./pictures.ts";

let probe: CanvasRenderingContext2D | null | undefined;

/** Red, green, blue and alpha of a pixel of a tile, as it was stored. Undefined while there is no picture. */
export function pixelAt(atlas: Atlas, index: number, row: number, column: number): [number, number, number, number] | undefined {
  const { tile_width: width, tile_height: height, columns } = atlas;
  const picture = pictures.peek(atlas.image);
  probe ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (picture === undefined || probe == null) return undefined;
  const [x, y] = [(index % columns) * width + column, Math.floor(index / columns) * height + row];
  probe.clearRect(0, 0, 1, 1);
  probe.drawImage(picture, x, y, 1, 1, 0, 0, 1, 1);
  const [red, green, blue, alpha] = probe.getImageData(0, 0, 1, 1).data;
  return [red!, green!, blue!, alpha!];
}

/**
 * The value at a pixel of a grey tile, as exactly as a byte tells it: `scale` is that of white. Undefined where there
 * is no pixel, or no picture yet.
 */
export function valueAt(atlas: Atlas, index: number, row: number, column: number, signed: boolean, scale: number): number | undefined {
  const pixel = pixelAt(atlas, index, row, column);
  return pixel === undefined || pixel[3] === 0 ? undefined : byteValue(pixel[0], signed, scale);
}

/** What a byte of a tile stands for. */
export function byteValue(byte: number, signed: boolean, scale: number): number {
  return signed ? ((byte - 127.5) / 127.5) * scale : (byte / 255) * scale;
}
