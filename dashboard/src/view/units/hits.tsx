import type { UnitHit, UnitSheet } from "../../generated/protocol.ts";
import { wide, zoom } from "../../navigation/preferences.ts";
import { IMAGE, projectionMeaning, type Meaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { classNameOf } from "../../state/outputs.ts";
import { useModel } from "../../state/store.ts";
import { number } from "../../state/words.ts";
import { Blank } from "../evolution/cell.tsx";
import { Name } from "../name.tsx";
import { atBorder, isHatched } from "./sheet.ts";

interface Props {
  sheet: UnitSheet;
  hits: readonly UnitHit[];
  chosen: UnitHit | undefined;
  onChoose: (rank: number) => void;
}

const [SIDE, WIDE_SIDE] = [96, 194];

/** The top images of a map, large. */
export function Hits({ sheet, hits, chosen, onChoose }: Props) {
  return (
    <ol class="hits">
      {hits.map((hit, rank) => (
        <li key={rank} onMouseEnter={() => onChoose(rank)}>
          <button type="button" class="hit" aria-pressed={hit === chosen} onFocus={() => onChoose(rank)} onClick={() => onChoose(rank)}>
            <HitPictures sheet={sheet} hit={hit} />
            <HitWords sheet={sheet} hit={hit} rank={rank} />
          </button>
        </li>
      ))}
    </ol>
  );
}

function HitPictures({ sheet, hit }: { sheet: UnitSheet; hit: UnitHit }) {
  const side = Math.round((wide.value ? WIDE_SIDE : SIDE) * zoom.value);
  const picture = (tile: number | null, label: string, meaning: Meaning) =>
    tile === null ? <Blank size={side} why={hit.not_projected} /> : <Tile atlas={sheet.atlas} index={tile} size={side} meaning={meaning} label={label} name={`image ${hit.image}: ${label}`} />;
  return (
    <span class="pair padded">
      <span>
        {picture(hit.projection, "projection", projectionMeaning(hit.projection_scale))}
        <small>projection</small>
      </span>
      <span>
        {picture(hit.patch, "image patch", IMAGE)}
        <small>patch</small>
      </span>
    </span>
  );
}

function HitWords({ sheet, hit, rank }: { sheet: UnitSheet; hit: UnitHit; rank: number }) {
  const run = useModel().run;
  const [, height, width] = run?.input_shape ?? [0, 0, 0];
  const name = hit.label === null ? undefined : classNameOf(run?.probe.class_names ?? [], hit.label);
  return (
    <span class="hit-words">
      <span class="hit-line">
        <span>
          <b>{rank + 1}.</b> image {hit.image}
          {name !== undefined && (
            <>
              {" · "}
              <Name of={name} />
            </>
          )}
        </span>
        <b title="activation">{number(hit.value)}</b>
      </span>
      <small>
        unit at row {hit.row}, column {hit.column}
        {hit.projection_scale !== null && (hit.projection_scale === 0 ? "; nothing reaches the pixels" : `; projection ± ${number(hit.projection_scale)}`)}
      </small>
      {hit.not_projected !== undefined && <span class="doubtful">{hit.not_projected}</span>}
      {atBorder(hit, [height, width]) && <small>{isHatched(hit, [height, width]) ? "at the border: hatched is padding, not image" : "it sees the padding around the image too"}</small>}
      {!hit.reproduced && (
        <span class="doubtful">
          Not reproduced: {hit.again === null ? `the image did not come again` : `a second look at it found ${number(hit.again)}`}.
          {sheet.searched.probe ? "" : " Random augmentation does that."} Do not trust this patch.
        </span>
      )}
    </span>
  );
}
