import { useEffect } from "preact/hooks";
import type { BasisSheet } from "../../generated/protocol.ts";
import type { DocumentOf } from "../../documents/use.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { epochName, number } from "../../state/words.ts";
import { ClassMark } from "../classes/mark.tsx";
import { className } from "../evolution/focus.ts";
import { ProbeImage } from "../evolution/probe.tsx";
import { Link } from "../link.tsx";
import { Name } from "../name.tsx";
import { at, chosen, directionName, pointed } from "./pointed.ts";
import { FIELD_WORDS } from "./words.ts";

const SIDE = 132;

/** Everything about one of the pictures. */
export function HitInspector({ sheet, basis }: { sheet: DocumentOf<"directions">; basis: BasisSheet }) {
  const model = useModel();
  useEffect(() => () => void (pointed.value = chosen.value = undefined), []);
  const kept = at(basis, chosen.value);
  const subject = at(basis, pointed.value) ?? kept ?? at(basis, { side: "units", row: 0, hit: 0 });
  if (subject === undefined) return <aside class="inspector" aria-label="Inspector" />;
  const { place, view, hit } = subject;
  const kind = className(model, hit.image);
  const sight = FIELD_WORDS[sheet.field_status];
  const asked = pointed.value !== undefined || kept !== undefined;
  return (
    <aside class={`inspector${asked ? " asked" : ""}`} aria-label="Inspector">
      <h2>
        {directionName(place, view)}, place {place.hit + 1} of {view.hits.length}{" "}
        <small>
          {sheet.layer}, {epochName(sheet.epoch)}
        </small>
      </h2>
      <div class="hit-pictures">
        <figure class="hit-patch">
          <Tile atlas={sheet.atlas} index={hit.patch} size={SIDE} meaning={IMAGE} label="image patch" />
          <figcaption>what this position sees</figcaption>
        </figure>
        <ProbeImage model={model} unit={hit} who="this position" size={SIDE} />
      </div>
      <dl class="facts">
        <dt>image</dt>
        <dd>{hit.image}</dd>
        {kind !== undefined && (
          <>
            <dt>class</dt>
            <dd>
              <ClassMark label={model.run?.probe.labels[hit.image]} /> <Name of={kind} />
            </dd>
          </>
        )}
        <dt>position</dt>
        <dd>
          row {hit.row}, column {hit.column}
        </dd>
        <dt title="how far the answers at this position lie along the direction, seen from their mean">value</dt>
        <dd>{number(hit.value)}</dd>
      </dl>
      {sight !== undefined && <p class="note">{sight}</p>}
      <p class="links">
        <Link to={{ view: "activations", layer: sheet.layer, image: hit.image, map: view.map ?? undefined }}>All maps for this image</Link>
        {view.map !== null && <Link to={{ view: "units", layer: sheet.layer, map: view.map }}>Map {view.map} in Units</Link>}
      </p>
    </aside>
  );
}
