import type { Layer } from "../../generated/protocol.ts";
import { route } from "../../navigation/navigate.ts";
import type { Selection } from "../../navigation/selection.ts";
import { IMAGE, projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import type { Model } from "../../state/model.ts";
import { epochName, number } from "../../state/words.ts";
import { Link } from "../link.tsx";
import { Name } from "../name.tsx";
import { Blank } from "./cell.tsx";
import { className, focus, type Focus } from "./focus.ts";
import { gapWords } from "./gap.ts";
import { ProbeImage } from "./probe.tsx";

/** With a proper minus sign. */
const whole = (value: number): string => String(value).replace("-", "−");

const SIDE = 132;

interface Props {
  model: Model;
  layer: Layer;
  selection: Selection;
}

/** Everything about one cell. */
export function Inspector({ model, layer, selection }: Props) {
  const subject = focus(model, layer, selection.epoch, route.value);
  return (
    <aside class="inspector" aria-label="Inspector">
      {subject === undefined ? (
        <p class="empty">
          {layer.status.status === "unsupported"
            ? "This layer has no pictures."
            : selection.epoch === undefined
              ? "Nothing to inspect yet."
              : `${epochName(selection.epoch)}: ${gapWords(model, layer.name, selection.epoch)}.`}
        </p>
      ) : (
        <Details model={model} layer={layer} subject={subject} />
      )}
    </aside>
  );
}

function Details({ model, layer, subject }: { model: Model; layer: Layer; subject: Focus }) {
  const { unit, atlas, epoch } = subject;
  const label = className(model, unit.image);
  const { field } = unit;
  return (
    <>
      <h2>
        map {unit.map} <small>{layer.name}, {epochName(epoch)}</small>
      </h2>
      <div class="pair">
        <figure>
          {unit.projection === null ? (
            <Blank size={SIDE} why={unit.not_projected} />
          ) : (
            <Tile atlas={atlas} index={unit.projection} size={SIDE} meaning={projectionMeaning(unit.projection_scale)} label="projection" />
          )}
          <figcaption>projection</figcaption>
        </figure>
        <figure>
          {unit.patch === null ? <Blank size={SIDE} /> : <Tile atlas={atlas} index={unit.patch} size={SIDE} meaning={IMAGE} label="image patch" />}
          <figcaption>patch</figcaption>
        </figure>
      </div>
      {unit.not_projected !== undefined && <p class="caution">{unit.not_projected}</p>}
      <ProbeImage model={model} unit={unit} size={2 * SIDE + 8} />
      <dl class="facts">
        <dt>image</dt>
        <dd>
          {unit.image}
          {label !== undefined && (
            <>
              , class <Name of={label} />
            </>
          )}
        </dd>
        <dt>activation</dt>
        <dd>{number(unit.value)}</dd>
        <dt>unit</dt>
        <dd>
          row {unit.row}, column {unit.column}
        </dd>
        <dt title="the box of input pixels that the unit can see">sees</dt>
        <dd>
          {field.height}×{field.width} px at row {whole(field.top)}, column {whole(field.left)}
        </dd>
        <dt title="white and black in the projection stand for plus and minus this, in units of normalised input">
          scale
        </dt>
        <dd>
          {unit.projection_scale === 0
            ? "0: nothing reaches the pixels"
            : unit.projection_scale === null
              ? "–"
              : `± ${number(unit.projection_scale)} of normalised input`}
        </dd>
      </dl>
      <p class="links">
        <Link to={{ view: "units", layer: layer.name, map: unit.map }}>what excites this map most</Link>
      </p>
    </>
  );
}
