import type { Scale } from "../generated/protocol.ts";

/** From low to high, brighter and yellower: told apart without colour vision, and when printed. */
const RISING = ["#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"];
/** From −1 over 0 to 1. */
const DIVERGING = ["#00416b", "#3d87b8", "#b5d2e4", "#f3f1ee", "#f3c08e", "#cf6d17", "#7f3200"];

/** How readings become colours. */
export interface Ramp {
  low: number;
  high: number;
  /** There are readings below the lower end. */
  clamped: boolean;
  stops: readonly string[];
  colour(value: number): string;
}

const TOPS = [0.1, 0.25, 0.5, 1];

interface Options {
  /** A logarithmic ramp ends so many powers of ten below its upper end. */
  decades?: number;
  /** The low end is the bright one. */
  reversed?: boolean;
}

/** A ramp for readings between `least` and `most`. */
export function ramp(scale: Scale, least: number, most: number, { decades = 12, reversed = false }: Options = {}): Ramp {
  const signed = scale === "signed";
  const rising = signed ? DIVERGING : RISING;
  const stops = reversed ? rising.toReversed() : rising;
  const [low, high] = signed
    ? [-1, 1]
    : scale === "share"
      ? [0, TOPS.find((top) => most <= top) ?? 1]
      : [scale === "logarithmic" ? Math.max(least, most / 10 ** decades) : least, most > least ? most : least + (Math.abs(least) || 1)];
  const place = (value: number): number =>
    scale === "logarithmic" && low > 0 && value > 0
      ? Math.log(value / low) / Math.log(high / low)
      : (value - low) / (high - low);
  const table = Array.from({ length: 64 }, (_, at) => blend(stops, at / 63));
  return { low, high, clamped: least < low, stops, colour: (value) => table[Math.round(63 * Math.min(1, Math.max(0, place(value))))]! };
}

/** The stops of the ramp of values: from zero up, or from minus over zero to plus. */
export function stops(signed: boolean): readonly string[] {
  return signed ? DIVERGING : RISING;
}

const palettes = new Map<boolean, number[][]>();

/** The 256 colours of the ramp of values, each as red, green and blue. */
export function palette(signed: boolean): readonly (readonly number[])[] {
  let colours = palettes.get(signed);
  if (colours === undefined) palettes.set(signed, (colours = Array.from({ length: 256 }, (_, at) => mix(stops(signed), at / 255))));
  return colours;
}

function blend(stops: readonly string[], t: number): string {
  return `rgb(${mix(stops, t).join()})`;
}

function mix(stops: readonly string[], t: number): number[] {
  const at = Math.min(stops.length - 2, Math.floor(t * (stops.length - 1)));
  const part = t * (stops.length - 1) - at;
  return channels(stops[at]!).map((a, i) => Math.round(a + part * (channels(stops[at + 1]!)[i]! - a)));
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
