import type { Atlas } from "../generated/protocol.ts";
import { number } from "../state/words.ts";
import { placeWords } from "./layout.ts";
import { byteValue, pixelAt } from "./value.ts";

/** What the pixels of a tile stand for. */
export type Meaning =
  /** An image, without the normalisation: red, green and blue of 0 to 255. */
  | { kind: "image" }
  /** Mid-grey is zero; white and black are plus and minus the scale. `unit`: of what. */
  | { kind: "signed"; scale: number; unit: string }
  /** Black is zero, white is the scale. */
  | { kind: "positive"; scale: number; unit: string }
  /** Values whose scale was not recorded. */
  | { kind: "unknown" };

export const IMAGE: Meaning = { kind: "image" };

/** Units, as the readout names them. */
export const UNITS = { projection: "normalised input", weight: "weight", pattern: "weight, of the shared pattern", activation: "activation" } as const;

/** What a projection's tile stands for, by its recorded scale. */
export function projectionMeaning(scale: number | null): Meaning {
  return scale === null ? { kind: "unknown" } : { kind: "signed", scale, unit: UNITS.projection };
}

/** A pixel of a tile in words: where, and how much as exactly as eight bits tell. */
export interface PixelWords {
  place: string;
  value: string;
  /** The unit, and how exact that is. */
  exactness: string;
}

export function pixelWords(atlas: Atlas, index: number, row: number, column: number, meaning: Meaning): PixelWords {
  const place = placeWords(atlas, row, column);
  const pixel = pixelAt(atlas, index, row, column);
  if (pixel === undefined) return { place, value: "…", exactness: "the picture is not here yet" };
  const [red, green, blue, alpha] = pixel;
  if (alpha === 0) return { place, value: meaning.kind === "image" ? "no pixel: outside the image" : "no value: not finite, or outside", exactness: "" };
  const grey = red === green && green === blue;
  if (meaning.kind === "image") {
    return { place, value: grey ? `grey ${red}` : `red ${red}, green ${green}, blue ${blue}`, exactness: "of 255" };
  }
  if (meaning.kind === "unknown") return { place, value: grey ? `grey ${red} of 255` : `red ${red}, green ${green}, blue ${blue} of 255`, exactness: "the scale was not recorded" };
  if (meaning.scale === 0) return { place, value: "0", exactness: "nothing reaches the pixels" };
  const signed = meaning.kind === "signed";
  const step = meaning.scale / (signed ? 127.5 : 255);
  const words = (byte: number): string => rounded(byteValue(byte, signed, meaning.scale), step, signed);
  const value = grey ? words(red) : `red ${words(red)}, green ${words(green)}, blue ${words(blue)}`;
  return { place, value, exactness: `${meaning.unit}; 8 bits, in steps of ${significant(step, 2)}` };
}

/** No more digits than the steps allow; what may be zero is called so. */
function rounded(value: number, step: number, signed: boolean): string {
  if (Math.abs(value) <= 0.51 * step) return "0";
  const decimals = Math.max(0, Math.min(12, Math.ceil(-Math.log10(step))));
  const size = Math.abs(value);
  const text = decimals > 6 ? size.toExponential(2) : size.toFixed(decimals);
  return value < 0 ? `−${text}` : signed ? `+${text}` : text;
}

function significant(value: number, digits: number): string {
  return value < 1e-4 ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
}

/** What the scale of a tile is, in words. */
export function scaleWords(meaning: Meaning): string {
  switch (meaning.kind) {
    case "image":
      return "The image's own colours.";
    case "signed":
      return `Mid-grey is 0, white is +${number(meaning.scale)}, black is −${number(meaning.scale)} (${meaning.unit}).`;
    case "positive":
      return `From 0 to ${number(meaning.scale)} (${meaning.unit}).`;
    case "unknown":
      return "The scale was not recorded.";
  }
}
