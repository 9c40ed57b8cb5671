import { useEffect } from "preact/hooks";
import type { Layer, UnitView } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { tileSize } from "../../navigation/preferences.ts";
import { IMAGE, projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { epochName, number } from "../../state/words.ts";
import { Notice } from "../notice.tsx";
import { Name } from "../name.tsx";
import { Blank } from "./cell.tsx";
import { className, hovered } from "./focus.ts";
import { gapWords } from "./gap.ts";

interface Props {
  layer: Layer;
  epoch: number;
}

/** The strongest feature maps of one epoch, ranked. */
export function Strongest({ layer, epoch }: Props) {
  const model = useModel();
  useEffect(() => () => void (hovered.value = undefined), []);
  const features = model.features.of(layer.name)?.get(epoch);
  if (features === undefined) return <Notice title={`${epochName(epoch)}: ${gapWords(model, layer.name, epoch)}`} />;
  const units = features.strongest.all();
  const top = units[0]?.value ?? 0;
  return (
    <ol class="ranking" aria-label={`Strongest maps of ${layer.name}, ${epochName(epoch)}`} onMouseLeave={() => (hovered.value = undefined)}>
      {units.map((unit, rank) => (
        <li key={rank} onMouseEnter={() => (hovered.value = { layer: layer.name, epoch, rank })}>
          <button
            type="button"
            aria-pressed={route.value.map === unit.map}
            onFocus={() => (hovered.value = { layer: layer.name, epoch, rank })}
            onBlur={() => (hovered.value = undefined)}
            onClick={() => go({ map: unit.map })}
          >
            <span class="pair">
              <Picture unit={unit} which="projection" atlas={features.atlas} />
              <Picture unit={unit} which="patch" atlas={features.atlas} />
            </span>
            <span class="caption">
              <b>map {unit.map}</b>
              <span class="value">{number(unit.value)}</span>
              <meter aria-label="Compared with the strongest" min={0} max={top > 0 ? top : 1} value={unit.value ?? 0} />
              <span class="where">
                image {unit.image}
                <KindOf image={unit.image} />
              </span>
              <span class="where">
                row {unit.row}, column {unit.column}
              </span>
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function KindOf({ image }: { image: number }) {
  const kind = className(useModel(), image);
  return kind === undefined ? null : (
    <>
      {" · "}
      <Name of={kind} />
    </>
  );
}

interface PictureProps {
  unit: UnitView;
  which: "projection" | "patch";
  atlas: Parameters<typeof Tile>[0]["atlas"];
}

function Picture({ unit, which, atlas }: PictureProps) {
  const index = unit[which];
  const size = Math.round(tileSize.value * 1.4);
  return index === null ? <Blank size={size} why={unit.not_projected} /> : <Tile atlas={atlas} index={index} size={size} meaning={which === "patch" ? IMAGE : projectionMeaning(unit.projection_scale)} name={`map ${unit.map}: ${which}`} />;
}
