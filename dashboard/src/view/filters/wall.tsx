import type { LayerFilters } from "../../generated/protocol.ts";
import { wide } from "../../navigation/preferences.ts";
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
  const side = (count <= 24 ? 70 : count <= 72 ? 60 : 48) * (wide.value ? 1.4 : 1);
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
                <span>
                  <span class="unseen">filter </span>
                  {filter}
                  <span class="unseen">
                    : {name}
                    {q !== null && `, Q ${number(q)}`}
                  </span>
                </span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
