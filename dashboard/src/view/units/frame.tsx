import { IMAGE, projectionMeaning, type Meaning } from "../../pictures/meaning.ts";
import { filterMeaning } from "../filters/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { number } from "../../state/words.ts";
import { Blank } from "../evolution/cell.tsx";
import { useUnit } from "./pick.ts";

interface Props {
  layer: string;
  map: number;
  epoch: number;
}

const SHOWN = 3;
const SIDE = 46;

/** One study in the film of a map. */
export function Frame({ layer, map, epoch }: Props) {
  const { study, entry } = useUnit(layer, map, epoch);
  const filters = useModel().filters.of(layer)?.before(epoch + 1)?.value;
  const sheet = study.document;
  const fits = sheet !== undefined && sheet.epoch === epoch;
  const hits = (fits ? entry?.tops.hits : undefined) ?? [];
  const picture = (tile: number | null | undefined, meaning: Meaning, name: string) =>
    tile == null || sheet === undefined ? <Blank size={SIDE} /> : <Tile atlas={sheet.atlas} index={tile} size={SIDE} meaning={meaning} name={`map ${map}, epoch ${epoch}: ${name}`} />;
  const churn = fits ? entry?.tops.churn : undefined;
  return (
    <>
      {filters !== undefined && map < filters.readings.count && (
        <span class="frame-filter">
          <Tile atlas={filters.atlas} index={map} size={SIDE} meaning={filterMeaning(filters)} label="filter" />
        </span>
      )}
      <span class="frame-hits">
        {Array.from({ length: SHOWN }, (_, rank) => (
          <span key={rank} class="padded">
            {picture(hits[rank]?.projection, projectionMeaning(hits[rank]?.projection_scale ?? null), "projection")}
            {picture(hits[rank]?.patch, IMAGE, "patch")}
          </span>
        ))}
      </span>
      <small>
        {state(study.state, fits, entry?.dead)}
        {hits[0] !== undefined && `value ${number(hits[0].value)}`}
      </small>
      <small>{churn == null ? (fits ? "nothing before it" : "") : `${reading(churn, "share")} new`}</small>
    </>
  );
}

function state(fetching: string, fits: boolean, dead: boolean | undefined): string {
  if (fetching === "missing") return "not there";
  if (!fits) return "…";
  return dead ? "dead" : "";
}
