import { Component } from "preact";
import type { Atlas } from "../../generated/protocol.ts";
import { IMAGE, projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { reading } from "../../state/value.ts";
import { number } from "../../state/words.ts";
import type { CardMeasures } from "./measure.ts";
import { hasPictures, isCopy, isDoubtful, type UnitEntry } from "./sheet.ts";

interface Props {
  map: number;
  entry: UnitEntry;
  atlas: Atlas;
  size: CardMeasures;
  chosen: boolean;
}

/** One map: what its top images show of it, beside the projections. It is drawn again only when something has changed. */
export class UnitCard extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { size, ...others } = next;
    return size.tile !== this.props.size.tile || size.width !== this.props.size.width || Object.entries(others).some(([key, value]) => value !== this.props[key as keyof Props]);
  }

  override render({ map, entry, atlas, size, chosen }: Props) {
    const { tops, dead, readings } = entry;
    const block = (which: "projection" | "patch") => (
      <span class="nine">
        {tops.hits.map((hit, rank) =>
          hit[which] === null ? <i key={rank} class="blank" style={{ width: `${size.tile}px`, height: `${size.tile}px` }} /> : <Tile key={rank} atlas={atlas} index={hit[which]} size={size.tile} meaning={which === "patch" ? IMAGE : projectionMeaning(hit.projection_scale)} name={`map ${map}, image ${hit.image}: ${which}`} />,
        )}
      </span>
    );
    return (
      <button type="button" class="unit-card" data-number={map} aria-current={chosen ? "true" : undefined} style={{ width: `${size.width}px`, height: `${size.height}px` }}>
        <span class="unit-head">
          <b>map {map}</b>
          {isCopy(entry) && <span class="map-state">near copy</span>}
          {isDoubtful(entry) && <span class="map-state">not all reproduced</span>}
          {tops.churn !== null && (
            <span class="churn">
              {reading(tops.churn, "share")} new
            </span>
          )}
        </span>
        {dead && tops.hits.length === 0 ? (
          <span class="card-empty dead-hatch">
            <span>dead: no probe image excites it</span>
          </span>
        ) : tops.hits.length === 0 ? (
          <span class="card-empty">
            <span>no searched image excites it</span>
          </span>
        ) : !hasPictures(tops) ? (
          <span class="card-empty">
            <span>no pictures of so many maps: open it to compute its own</span>
          </span>
        ) : (
          <span class="unit-pictures" style={{ gridTemplateColumns: "auto auto" }}>
            {block("projection")}
            {block("patch")}
          </span>
        )}
        <span class="unit-foot">
          <span>
            largest <b>{readings.largest === null ? "–" : number(readings.largest)}</b>
          </span>
          <span>
            lifetime <b>{reading(short(readings.lifetime_sparseness), "linear")}</b>
          </span>
          <span>
            local. <b>{reading(short(readings.localisation), "linear")}</b>
          </span>
          <span>
            sparsity <b>{reading(short(readings.hoyer), "linear")}</b>
          </span>
        </span>
      </button>
    );
  }
}

function short(value: number | null): number | undefined {
  return value === null ? undefined : Number(value.toPrecision(2));
}
