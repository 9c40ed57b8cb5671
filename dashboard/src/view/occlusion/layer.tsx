import type { Layer, OcclusionSettings, OcclusionSheet } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { ChosenMap } from "./chosen.tsx";
import { LayerFigures } from "./figures.tsx";
import type { Side } from "./grid.ts";
import { MapChooser } from "./chooser.tsx";

interface Props {
  /** The study of the whole network, if there is one. */
  sheet: OcclusionSheet | undefined;
  layer: Layer;
  /** The feature map that was chosen instead of the strongest one. */
  map: number | undefined;
  image: number;
  settings: OcclusionSettings;
  epoch: number;
  side: Side;
  size: number;
  fitted: boolean;
}

/** What a layer's map depends on: the strongest one, or one that was chosen. */
export function LayerPanel({ sheet, layer, map, image, settings, epoch, ...frame }: Props) {
  const { name } = layer;
  const strongest = sheet?.layers.find((each) => each.layer === name);
  const chosen = map !== undefined && map !== strongest?.map;
  return (
    <section class="panel occluded-layer" aria-label={`Layer ${name}`}>
      <div class="panel-head">
        <h2>
          What {chosen ? `map ${map}` : "the strongest map"} of <code>{name}</code> depends on
        </h2>
        <MapChooser maps={layer.shape[0]} shown={map ?? strongest?.map} strongest={strongest?.map} />
      </div>
      {chosen ? (
        <ChosenMap {...frame} epoch={epoch} subject={{ study: "occlusion_of_map", image, layer: name, map, settings: { ...settings, class: null } }} />
      ) : sheet !== undefined && strongest !== undefined ? (
        <>
          <p class="panel-words">
            Of the {layer.shape[0]} maps of <code>{name}</code>, map <b>{strongest.map}</b> has the largest sum on the whole
            image.{" "}
            <button type="button" class="link" onClick={() => go({ view: "units", map: strongest.map })}>
              What else excites it
            </button>
          </p>
          <LayerFigures {...frame} sheet={sheet} view={strongest} />
        </>
      ) : (
        <p class="panel-words">
          {sheet === undefined ? "Choose a map to cover it by itself." : `The study has nothing of ${name}: it could not be read.`}
        </p>
      )}
    </section>
  );
}
