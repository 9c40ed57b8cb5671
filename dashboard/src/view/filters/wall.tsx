import type { LayerFilters } from "../../generated/protocol.ts";
import { Tile } from "../../pictures/tile.tsx";
import { number } from "../../state/words.ts";
import { VERDICTS } from "./verdicts.ts";

interface Props {
  record: LayerFilters;
  chosen: number | undefined;
  onPoint: (filter: number | undefined) => void;
  onChoose: (filter: number) => void;
}

/** All filters of a layer at one epoch, framed by verdict. */
export function Wall({ record, chosen, onPoint, onChoose }: Props) {
  const count = record.filters.length;
  const side = count <= 24 ? 84 : count <= 72 ? 64 : 48;
  return (
    <ul class="wall" aria-label={`Filters of ${record.layer}`} onMouseLeave={() => onPoint(undefined)}>
      {record.filters.map(({ verdict, q }, filter) => {
        const { letter, name } = VERDICTS[verdict];
        return (
          <li key={filter}>
            <button
              type="button"
              class={`filter ${verdict}`}
              aria-pressed={filter === chosen}
              aria-label={`filter ${filter}: ${name}${q === null ? "" : `, Q ${number(q)}`}`}
              onMouseEnter={() => onPoint(filter)}
              onFocus={() => onPoint(filter)}
              onBlur={() => onPoint(undefined)}
              onClick={() => onChoose(filter)}
            >
              <Tile atlas={record.atlas} index={filter} size={side} />
              <span class="tag">
                <i class={`badge ${verdict}`} aria-hidden="true">
                  {letter}
                </i>
                {filter}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
