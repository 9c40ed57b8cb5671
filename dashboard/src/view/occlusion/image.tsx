import type { OcclusionSheet } from "../../generated/protocol.ts";
import { asImages } from "../../pictures/layout.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { className } from "../evolution/focus.ts";
import { Name } from "../name.tsx";
import { Picture, type Frame } from "./picture.tsx";
import { pointed } from "./pointed.ts";
import { FILL_WORDS } from "./settings.ts";

interface Props extends Frame {
  sheet: OcclusionSheet;
  /** The position that costs most, and what it costs. */
  worst: number | undefined;
  costs: string;
}

/** The image, and on it the square in its real size. */
export function ImageFigure({ sheet, worst, costs, ...frame }: Props) {
  const model = useModel();
  const atlas = model.run && asImages(model.run.probe.atlas, model.run);
  const name = className(model, sheet.image);
  return (
    <figure class={`map-figure image-figure of-${sheet.fill}`}>
      <figcaption>
        <b>
          Image {sheet.image}
          {name !== undefined && (
            <>
              , <Name of={name} />
            </>
          )}
        </b>
        <span>the square in its real size</span>
      </figcaption>
      <Picture {...frame} rest={worst} label={`probe image ${sheet.image}${name === undefined ? "" : `, class ${name}`}`}>
        {atlas !== undefined && sheet.image < atlas.count && <Tile atlas={atlas} index={sheet.image} size={frame.size} meaning={IMAGE} name={`image ${sheet.image}`} />}
      </Picture>
      <p class="map-note">
        {pointed.value !== undefined || worst === undefined ? "The square where you point. " : `The square where ${costs} is lowest. `}
        It is {sheet.square}×{sheet.square} px, filled with {FILL_WORDS[sheet.fill][2]}, and moves by {sheet.stride} px:{" "}
        {sheet.rows.length} × {sheet.columns.length} positions.
      </p>
    </figure>
  );
}
