import { palette } from "../charts/ramp.ts";
import type { Atlas } from "../generated/protocol.ts";
import { UNITS, type Meaning } from "./meaning.ts";
import { Tile } from "./tile.tsx";

interface Props {
  atlas: Atlas;
  index: number;
  /** Longer side on the screen, in CSS pixels. */
  size: number;
  /** Whether mid-grey is zero. */
  signed: boolean;
  /** How far into the ramp the tile's white reaches: 1 with a scale of its own, less with one for many. */
  reach: number;
  label?: string;
  name?: string;
  /** What white in the tile stands for. */
  scale: number | null;
}

/** A grey tile of values in the colours of a ramp. */
export function ColouredTile({ signed, reach, scale, ...tile }: Props) {
  const meaning: Meaning = scale === null ? { kind: "unknown" } : { kind: signed ? "signed" : "positive", scale, unit: UNITS.activation };
  return <Tile {...tile} meaning={meaning} finish={{ key: `${signed} ${reach}`, apply: (context) => colourise(context, signed, reach) }} />;
}

function colourise(context: CanvasRenderingContext2D, signed: boolean, reach: number): void {
  const { width, height } = context.canvas;
  const pixels = context.getImageData(0, 0, width, height);
  const { data } = pixels;
  const colours = palette(signed);
  for (let at = 0; at < data.length; at += 4) {
    const colour = colours[shade(data[at]!, signed, reach)]!;
    for (let c = 0; c < 3; c++) data[at + c] = colour[c]!;
  }
  context.putImageData(pixels, 0, 0);
}

/** Place in the ramp, 0 to 255, of a tile's byte. */
export function shade(byte: number, signed: boolean, reach: number): number {
  return Math.round(signed ? 127.5 + (byte - 127.5) * reach : byte * reach);
}
