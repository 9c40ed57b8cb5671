import { useMemo } from "preact/hooks";
import type { Layer } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { followedMap } from "../../navigation/pictures.ts";
import { tileSize } from "../../navigation/preferences.ts";
import type { Selection } from "../../navigation/selection.ts";
import { projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { store, useModel } from "../../state/store.ts";
import { Notice } from "../notice.tsx";
import { Blank } from "./cell.tsx";
import { Frame } from "./frame.tsx";
import { Grid } from "./grid.tsx";
import { jumpsOf } from "./jumps.ts";
import { JumpTrack } from "./track.tsx";

interface Props {
  layer: Layer;
  epoch: number;
  selection: Selection;
}

/** One feature map through the epochs, large. */
export function Film({ layer, epoch, selection }: Props) {
  const model = useModel();
  const revision = store.revision.value;
  const series = model.features.of(layer.name);
  const map = followedMap(layer, route.value.map);
  const jumps = useMemo(
    () => (series === undefined || map === undefined ? [] : jumpsOf(series, map, layer.followed.indexOf(map))),
    [series, map, revision],
  );
  if (map === undefined || series === undefined) return <Notice title={`No map of ${layer.name} is followed`} />;
  return (
    <div class="film">
      <MapPicker layer={layer} epoch={epoch} map={map} />
      <Frame layer={layer} epoch={epoch} map={map} jumps={jumps} />
      <JumpTrack map={map} epoch={epoch} epochs={series} jumps={jumps} />
      <Grid key={map} model={model} layer={layer} selection={selection} maps={[map]} size={Math.round(1.35 * tileSize.value)} />
    </div>
  );
}

const PICKED = 28;

/** The followed maps, to choose one. */
function MapPicker({ layer, epoch, map }: { layer: Layer; epoch: number; map: number }) {
  const features = useModel().features.of(layer.name)?.get(epoch);
  const { map: wanted } = route.value;
  return (
    <div class="map-picker" role="group" aria-label="Map">
      {layer.followed.map((each, index) => {
        const unit = features?.followed.ofMap(each, index);
        const tile = unit?.projection;
        return (
          <button
            key={each}
            type="button"
            aria-pressed={each === map}
            aria-label={`Map ${each}`}
            title={`Map ${each} (m, M)`}
            onClick={() => go({ map: each })}
          >
            {features === undefined || tile == null ? <Blank size={PICKED} /> : <Tile atlas={features.atlas} index={tile} size={PICKED} meaning={projectionMeaning(unit!.projection_scale)} name={`map ${each}: projection`} />}
            <span>{each}</span>
          </button>
        );
      })}
      {wanted !== undefined && wanted !== map && (
        <p class="note">
          Map {wanted} is not followed: it has pictures only of epochs in which it was among the strongest. Shown is map {map}.
        </p>
      )}
    </div>
  );
}
