import type { Layer, UnitView } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { againstEpoch, swapEpochs } from "../../navigation/pictures.ts";
import { tileSize } from "../../navigation/preferences.ts";
import { IMAGE, projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import type { FeatureEpoch } from "../../state/features.ts";
import type { Model } from "../../state/model.ts";
import { useModel } from "../../state/store.ts";
import { epochName, number } from "../../state/words.ts";
import { Notice } from "../notice.tsx";
import { Name } from "../name.tsx";
import { Blank } from "./cell.tsx";
import { differences, type Difference } from "./differences.ts";
import { className } from "./focus.ts";
import { gapWords } from "./gap.ts";
import { Pending } from "../pending.tsx";

interface Props {
  layer: Layer;
  epoch: number;
}

/** A layer's maps in two epochs, next to each other. */
export function Pair({ layer, epoch }: Props) {
  const model = useModel();
  const series = model.features.of(layer.name);
  const against = againstEpoch(model, layer, route.value.against);
  const [a, b] = [against === undefined ? undefined : series?.get(against), series?.get(epoch)];
  if (series === undefined || against === undefined || a === undefined) return <Pending title="There are no pictures of this layer yet" />;
  const all = b === undefined ? [] : differences(route.value.rows, layer.followed, a, b);
  return (
    <section class="pair-view" aria-label="Two epochs side by side">
      <div class="pair-heads">
        <Against epochs={series.epochs} against={against} />
        <button type="button" class="plain" title="Swap the two epochs (x)" onClick={() => swapEpochs(model)}>
          ⇄ swap
        </button>
        <p class="head-of-pair">
          <b>B: {epochName(epoch)}</b> <small>the selected epoch</small>
        </p>
      </div>
      {b === undefined ? (
        <Notice title={`${epochName(epoch)}: ${gapWords(model, layer.name, epoch)}`} />
      ) : (
        <ol class="pairs">
          {all.map((difference, at) => (
            <PairRow key={at} model={model} difference={difference} a={a} b={b} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** Chooses epoch A. */
function Against({ epochs, against }: { epochs: readonly number[]; against: number }) {
  return (
    <label class="head-of-pair">
      <b>A: {epochName(against)}</b>
      <input
        type="range"
        aria-label="Epoch A"
        aria-valuetext={epochName(against)}
        min={0}
        max={epochs.length - 1}
        value={epochs.indexOf(against)}
        onInput={({ currentTarget }) => go({ against: epochs[Number(currentTarget.value)] })}
      />
    </label>
  );
}

interface RowProps {
  model: Model;
  difference: Difference;
  a: FeatureEpoch;
  b: FeatureEpoch;
}

function PairRow({ model, difference: { a: before, b: after, title, kind, words }, a, b }: RowProps) {
  const map = (after ?? before)!.map;
  const selected = route.value.map === map;
  return (
    <li class={selected ? "selected" : ""}>
      <Side model={model} unit={before} atlas={a.atlas} name="A" />
      <div class="between">
        <button type="button" class="link" aria-pressed={selected} onClick={() => go({ map })}>
          {title}
        </button>
        <p class={kind}>
          {kind === "jumped" && <i class="jump" aria-hidden="true" />} {words}
        </p>
      </div>
      <Side model={model} unit={after} atlas={b.atlas} name="B" />
    </li>
  );
}

function Side({ model, unit, atlas, name }: { model: Model; unit: UnitView | undefined; atlas: FeatureEpoch["atlas"]; name: string }) {
  const size = tileSize.value;
  if (unit === undefined) return <div class="side-of-pair empty">–</div>;
  const kind = className(model, unit.image);
  return (
    <div class="side-of-pair">
      <span class="pair">
        {(["projection", "patch"] as const).map((which) => {
          const tile = unit[which];
          const label = `${name}, map ${unit.map}: ${which}`;
          return tile === null ? <Blank key={which} size={size} why={unit.not_projected} /> : <Tile key={which} atlas={atlas} index={tile} size={size} meaning={which === "patch" ? IMAGE : projectionMeaning(unit.projection_scale)} label={label} />;
        })}
      </span>
      <small>
        map {unit.map}, image {unit.image}
        {kind !== undefined && (
          <>
            {" "}
            (<Name of={kind} />)
          </>
        )}
        , {number(unit.value)}
      </small>
    </div>
  );
}
