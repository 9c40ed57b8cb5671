import type { Fill, OcclusionSettings, StudySubject } from "../../generated/protocol.ts";
import type { Route } from "../../navigation/route.ts";
import type { Side } from "./grid.ts";

export type Occlusion = Extract<StudySubject, { study: "occlusion" }>;
export type OcclusionOfMap = Extract<StudySubject, { study: "occlusion_of_map" }>;

export const FILL_WORDS: { [fill in Fill]: [name: string, meaning: string, filled: string] } = {
  grey: ["grey", "the mean colour of the data set, or of the probe images if the normalisation is not known", "grey"],
  mean: ["mean", "this image's own mean colour", "the image's mean colour"],
  blur: ["blur", "the image itself, blurred", "the image itself, blurred"],
};

export function settingsOf({ target, square, stride, fill }: Route): OcclusionSettings {
  return { class: target ?? null, square: square ?? null, stride: stride ?? null, fill };
}

/** Side and step of the square: what is left out is chosen by the image, as spyhole does. */
export function measure({ square, stride }: Pick<OcclusionSettings, "square" | "stride">, [height, width]: Side): { square: number; stride: number } {
  const side = square ?? Math.max(1, Math.floor(Math.min(height, width) / 4));
  return { square: side, stride: stride ?? Math.max(1, Math.floor(side / 4)) };
}

/** How many rows and columns of positions the square takes; 0 if it does not fit. */
export function positions({ square, stride }: { square: number; stride: number }, [height, width]: Side): [rows: number, columns: number] {
  const along = (length: number): number => (square < 1 || stride < 1 || square > length ? 0 : Math.floor((length - square) / stride) + 1);
  return [along(height), along(width)];
}

/** "8×8 px by 2, grey": what is not said is as usual. */
export function settingsWords(settings: OcclusionSettings, side: Side, className: (label: number) => string): string {
  const { square, stride } = measure(settings, side);
  const target = settings.class === null ? "" : `, ${className(settings.class)}`;
  return `${square}×${square} px, step ${stride}, ${FILL_WORDS[settings.fill][0]}${target}`;
}
