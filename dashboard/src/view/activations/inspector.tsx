import type { ActivationSheet, Atlas, Layer } from "../../generated/protocol.ts";
import { asImages, imageLayout, layoutOf } from "../../pictures/layout.ts";
import { Planes } from "../../pictures/planes.tsx";
import { IMAGE } from "../../pictures/meaning.ts";
import { ColouredTile } from "../../pictures/coloured.tsx";
import { Tile } from "../../pictures/tile.tsx";
import { valueAt } from "../../pictures/value.ts";
import { useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { number } from "../../state/words.ts";
import { className } from "../evolution/focus.ts";
import { Link } from "../link.tsx";
import { Name } from "../name.tsx";
import { ReadingList } from "../maps/list.tsx";
import { reachOf, stateOf } from "./maps.ts";
import { point, pointed, positionAt, type Pointed } from "./pointed.ts";

interface Props {
  /** `undefined`: not computed yet. */
  sheet: ActivationSheet | undefined;
  image: number;
  layer: Layer;
  /** The map that is shown unless the pointer is on another one. */
  map: number | undefined;
  shared: boolean;
}

const SIDE = 272;

/** One map beside the image it is of, at the same size, with the readings of the map. */
export function Inspector({ sheet, image, layer, map: chosen, shared }: Props) {
  const map = pointed.value !== undefined && pointed.value.map < (sheet?.maps.length ?? 0) ? pointed.value.map : chosen;
  const view = sheet?.maps[map ?? -1];
  return (
    <aside class="inspector activation-inspector" aria-label="Map and image">
      <div class="map-pair">
        {map !== undefined && view !== undefined && sheet !== undefined && (
          <figure>
            <h2>
              map {map} <small>{layer.name}</small>
            </h2>
            <MapLarge sheet={sheet} map={map} shared={shared} />
          </figure>
        )}
        <InputImage image={image} sheet={sheet} />
      </div>
      {map !== undefined && view !== undefined && sheet !== undefined ? (
        <>
          <ValueLine sheet={sheet} map={map} position={pointed.value?.position} />
          {stateOf(view) !== "live" && (
            <p class="map-verdict">
              {view.dead ? "Dead: no probe image excites it." : "Nearly a copy of the image: it has learned little."}
            </p>
          )}
          <ReadingList
            signed={sheet.signed}
            values={{
              largest: view.scale,
              hoyer: view.hoyer,
              localisation: view.localisation,
              largest_component: view.largest_component,
              zero_share: view.zero_share,
              input_correlation: view.input_correlation,
              gini: view.gini,
              treves_rolls: view.treves_rolls,
            }}
          />
          <p class="links">
            <Link to={{ view: "units", layer: layer.name, map }}>what excites it</Link>
            {layer.followed.includes(map) && (
              <Link to={{ view: "evolution", layer: layer.name, map, show: "film", rows: "followed" }}>through the epochs</Link>
            )}
          </p>
          <p class="population" title="Treves–Rolls sparseness over the maps, of their largest activations">
            <b>{reading(sheet.population_sparseness ?? undefined, "linear")}</b> population sparseness of image {image}: 0 if
            all maps respond alike to it, near 1 if a few do.
          </p>
        </>
      ) : (
        <p class="empty">{sheet === undefined ? "The maps of this image are not there yet." : "No map is selected."}</p>
      )}
    </aside>
  );
}

function MapLarge({ sheet, map, shared }: { sheet: ActivationSheet; map: number; shared: boolean }) {
  const { atlas, signed } = sheet;
  return (
    <div
      class="map-large"
      onMouseMove={(event) => {
        const picture = event.currentTarget.querySelector("canvas");
        if (picture !== null) point({ map, position: positionAt(event, picture, atlas) });
      }}
      onMouseLeave={() => point(undefined)}
    >
      <ColouredTile atlas={atlas} index={map} size={SIDE} signed={signed} reach={reachOf(sheet, map, shared)} scale={sheet.maps[map]?.scale ?? null} label={`map ${map}`} />
      <Mark atlas={atlas} />
    </div>
  );
}

/** The position under the pointer, on a picture that is shown as large as the map. */
function Mark({ atlas }: { atlas: Atlas }) {
  const { height: rows, width: columns } = layoutOf(atlas);
  const at = pointed.value?.position;
  if (at === undefined) return null;
  return (
    <i
      class="map-mark"
      style={{
        left: `${(100 * at.column) / columns}%`,
        top: `${(100 * at.row) / rows}%`,
        width: `${100 / columns}%`,
        height: `${100 / rows}%`,
      }}
    />
  );
}

function ValueLine({ sheet, map, position }: { sheet: ActivationSheet; map: number; position: Pointed["position"] }) {
  const scale = sheet.maps[map]?.scale;
  if (position === undefined) return <p class="value-line">Point at a map to read a value.</p>;
  const { atlas } = sheet;
  const { height: rows, width: columns } = layoutOf(atlas);
  const [row, column] = [Math.floor(((position.row + 0.5) / rows) * atlas.tile_height), Math.floor(((position.column + 0.5) / columns) * atlas.tile_width)];
  const value = scale == null ? undefined : valueAt(atlas, map, row, column, sheet.signed, scale);
  return (
    <p class="value-line">
      row {position.row}, column {position.column}:{" "}
      <b>{value === undefined ? "not finite" : `≈ ${number(Number(value.toPrecision(3)))}`}</b>
    </p>
  );
}

/** The image that all maps are of. */
function InputImage({ image, sheet }: { image: number; sheet: ActivationSheet | undefined }) {
  const model = useModel();
  const probe = model.run?.probe.atlas;
  if (probe === undefined || image >= probe.count) return null;
  return (
    <figure>
      <h2>
        image {image} <small>
          <Name of={className(model, image) ?? "no class"} />
        </small>
      </h2>
      <div class="map-large">
        <Tile atlas={asImages(probe, model.run)} index={image} size={SIDE} meaning={IMAGE} label={`probe image ${image}`} />
        {sheet !== undefined && (
          <Planes layout={imageLayout(model.run)}>
            <Mark atlas={sheet.atlas} />
          </Planes>
        )}
      </div>
    </figure>
  );
}
