import { useRef } from "preact/hooks";
import type { Layer, UnitView } from "../../generated/protocol.ts";
import { wide, zoom } from "../../navigation/preferences.ts";
import { IMAGE, projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import type { FeatureEpoch } from "../../state/features.ts";
import { useModel } from "../../state/store.ts";
import { epochName, number } from "../../state/words.ts";
import { Blank } from "../evolution/cell.tsx";
import { Link } from "../link.tsx";
import { useSize } from "../size.ts";
import { useGoing, useInspecting } from "../pending.tsx";
import { STATES } from "../settling/states.ts";
import { evenly } from "../units/sheet.ts";
import { ZoomSlider } from "../zoom.tsx";
import { Panel } from "./panel.tsx";

const SHOWN_LAYERS = 4;
const [SIDE, WIDE_SIDE, GAP] = [58, 84, 8];

/** What do layers see now? */
export function SeeingPanel() {
  const model = useModel();
  const going = useGoing();
  const inspecting = useInspecting();
  const seen = (model.run?.layers ?? []).filter(({ name }) => model.features.of(name)?.last !== undefined);
  const shown = evenly(seen.map((_, at) => at), SHOWN_LAYERS).map((at) => seen[at]!);
  return (
    <Panel name="seeing" question="What do the layers see now?" more={{ view: "evolution", epoch: undefined }} moreWords="all layers and epochs">
      {shown.length === 0 ? (
        <p class="detail-words">
          {!going
            ? "This run has no pictures of any layer."
            : inspecting
              ? "No pictures yet: the model is being analysed."
              : "No pictures yet: the untrained network is analysed first."}
        </p>
      ) : (
        <>
          <p class="detail-words">
            The strongest detectors of {shown.length < seen.length ? `${shown.length} of ${seen.length} layers` : "each layer"}: above,
            the pixels that reached the detector (mid-grey is zero, each scaled to its own largest value); below, the piece of the
            image that it saw. Deeper layers see more of the image.
          </p>
          <ZoomSlider />
          {shown.map((layer) => (
            <LayerStrip key={layer.name} layer={layer} />
          ))}
        </>
      )}
    </Panel>
  );
}

function LayerStrip({ layer }: { layer: Layer }) {
  const model = useModel();
  const box = useRef<HTMLElement>(null);
  const { width } = useSize(box);
  const series = model.features.of(layer.name);
  const features = series?.last;
  const epoch = series?.epochs.at(-1);
  const side = Math.round((wide.value ? WIDE_SIDE : SIDE) * zoom.value);
  const room = Math.max(1, Math.floor((width + GAP) / (side + GAP)));
  const units = features === undefined ? [] : features.strongest.all().slice(0, room);
  const state = epoch === undefined ? undefined : model.changes.of(layer.name)?.state(epoch);
  return (
    <section ref={box} class="layer-strip" aria-label={layer.name}>
      <h3>
        <Link to={{ view: "evolution", layer: layer.name, epoch: undefined, map: undefined, rows: "strongest", show: "grid" }}>{layer.name}</Link>{" "}
        <small>{epoch !== undefined && (epoch === 0 ? "untrained" : `epoch ${epoch}`)}</small>
      </h3>
      {features?.strongest.all().length === 0 && (
        <p class="detail-words">No map stands out{state !== undefined && `; the layer's state: ${STATES[state].name}`}.</p>
      )}
      <ol>
        {units.map((unit, rank) => (
          <li key={rank}>
            <Link to={{ view: "evolution", layer: layer.name, epoch: undefined, map: unit.map, rows: "strongest", show: "grid" }}>
              <Pictures unit={unit} features={features!} side={side} what={`map ${unit.map} of ${layer.name}, ${epochName(epoch!)}`} />
              <small>
                map {unit.map}
                <span class="unseen">
                  {" "}
                  of {layer.name}, activation {number(unit.value)}
                </span>
              </small>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Pictures({ unit, features: { atlas }, side, what }: { unit: UnitView; features: FeatureEpoch; side: number; what: string }) {
  return (
    <>
      {(["projection", "patch"] as const).map((which) => {
        const tile = unit[which];
        const meaning = which === "patch" ? IMAGE : projectionMeaning(unit.projection_scale);
        return tile === null ? <Blank key={which} size={side} /> : <Tile key={which} atlas={atlas} index={tile} size={side} meaning={meaning} name={`${what}: ${which}`} />;
      })}
    </>
  );
}
