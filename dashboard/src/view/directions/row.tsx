import type { DirectionView } from "../../generated/protocol.ts";
import type { DocumentOf } from "../../documents/use.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { classNameOf } from "../../state/outputs.ts";
import { useModel } from "../../state/store.ts";
import { ClassMark } from "../classes/mark.tsx";
import { className } from "../evolution/focus.ts";
import { Name } from "../name.tsx";
import { chosen, directionName, pointed, same, type Side } from "./pointed.ts";
import { agreeing } from "./words.ts";

interface Props {
  sheet: DocumentOf<"directions">;
  view: DirectionView;
  side: Side;
  row: number;
  /** Side of a picture in CSS pixels. */
  size: number;
}

/** One direction: how pure it is, and its top images. */
export function Row({ sheet, view, side, row, size }: Props) {
  const model = useModel();
  const name = directionName({ side, row }, view);
  const { probe } = model.run!;
  // A share says nothing without what chance would give.
  const count = sheet.chance === null ? undefined : agreeing(view);
  const commonest = view.class === null ? undefined : classNameOf(probe.class_names, view.class);
  return (
    <li class="direction">
      <p class="direction-head">
        <b>{name}</b>
        {count !== undefined && commonest !== undefined && (
          <span>
            {count} of {view.hits.length}: <ClassMark label={view.class ?? undefined} /> <Name of={commonest} />
          </span>
        )}
      </p>
      <div class="direction-hits" onMouseLeave={() => (pointed.value = undefined)}>
        {view.hits.map((hit, at) => {
          const place = { side, row, hit: at };
          const kind = className(model, hit.image);
          return (
            <button
              key={at}
              type="button"
              class="direction-hit"
              aria-pressed={same(chosen.value, place)}
              aria-label={`${name}, place ${at + 1}: image ${hit.image}${kind === undefined ? "" : `, ${kind}`}`}
              onMouseEnter={() => (pointed.value = place)}
              onFocus={() => (pointed.value = place)}
              onBlur={() => (pointed.value = undefined)}
              onClick={() => (chosen.value = same(chosen.value, place) ? undefined : place)}
            >
              <Tile atlas={sheet.atlas} index={hit.patch} size={size} meaning={IMAGE} name={`image ${hit.image}: patch`} />
              {kind !== undefined && <ClassMark label={probe.labels[hit.image]} size={12} />}
            </button>
          );
        })}
      </div>
    </li>
  );
}
