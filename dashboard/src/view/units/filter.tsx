import { filterMeaning } from "../filters/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { epochName, number } from "../../state/words.ts";
import { StateBadge } from "../filters/badge.tsx";
import { STATES } from "../filters/states.ts";
import { Link } from "../link.tsx";

interface Props {
  layer: string;
  map: number;
  epoch: number;
}

/** The weights that compute the map. */
export function FilterOfMap({ layer, map, epoch }: Props) {
  const found = useModel().filters.of(layer)?.before(epoch + 1);
  if (found === undefined || map >= found.value.readings.count) return null;
  const { atlas, picture, readings, test, scale } = found.value;
  const state = readings.state(map);
  const words = (column: "q" | "r1"): string => {
    const value = readings.value(column, map);
    return value === null ? "–" : number(value);
  };
  return (
    <section class="unit-part" aria-label="Its filter">
      <h2>
        Its filter <small>{epochName(found.epoch)}</small>
      </h2>
      <div class="part-body">
        <Tile atlas={atlas} index={map} size={112} meaning={filterMeaning(found.value)} label={`filter ${map}`} />
        <div>
          <p>
            <StateBadge state={state} /> <b>{STATES[state].name}</b>: {STATES[state].meaning}.
          </p>
          <p>
            {picture === "weights" ? "The weights themselves" : "The pattern that most of its kernels share"}; mid-grey is
            zero, black and white are ∓{number(scale)}.
          </p>
          <p>
            Structure Q <b>{words("q")}</b>
            {test.q_critical !== null && ` (noise stays below ${number(test.q_critical)})`}, neighbours r1 <b>{words("r1")}</b>
          </p>
          <p>
            <Link to={{ view: "filters", layer, map, only: undefined }}>all filters of the layer</Link>
          </p>
        </div>
      </div>
    </section>
  );
}
