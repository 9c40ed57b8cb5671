import type { ActivationSheet } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { wide, zoom } from "../../navigation/preferences.ts";
import { MapTools } from "../maps/tools.tsx";
import { Wall } from "../maps/wall.tsx";
import { KINDS, ORDERS, reachOf } from "./maps.ts";
import { measure } from "./measure.ts";
import { point, pointed } from "./pointed.ts";
import { ScaleLine } from "./scale.tsx";
import { MapTile } from "./tile.tsx";

interface Props {
  sheet: ActivationSheet;
  shown: readonly number[];
  chosen: number | undefined;
  only: string | undefined;
  sort: string | undefined;
  shared: boolean;
  onChoose: (map: number) => void;
}

/** The maps of one image as pictures. */
export function MapGrid({ sheet, shown, chosen, only, sort, shared, onChoose }: Props) {
  const { maps, atlas, signed } = sheet;
  const kinds = KINDS.map(({ holds, ...kind }) => ({ ...kind, amount: maps.filter(holds).length })).filter(
    ({ id, amount }) => id === undefined || amount > 0 || id === only,
  );
  return (
    <>
      <ScaleLine sheet={sheet} shared={shared} />
      <MapTools kinds={kinds} only={only} orders={ORDERS} sort={sort} maps={maps.length} onSearch={(map) => go({ map, only: undefined })} />
      {shown.length === 0 && (
        <p class="empty">
          No map of this layer is like that for this image.{" "}
          <button type="button" class="link" onClick={() => go({ only: undefined })}>
            Show all
          </button>
        </p>
      )}
      <Wall
        label={`Feature maps of ${sheet.layer} for image ${sheet.image}`}
        class="map-wall"
        shown={shown}
        chosen={chosen}
        measure={(width) => measure(maps.length, atlas, width, zoom.value * (wide.value ? 1.2 : 1))}
        render={(map, { tile }) => (
          <MapTile
            atlas={atlas}
            map={map}
            view={maps[map]!}
            signed={signed}
            reach={reachOf(sheet, map, shared)}
            size={tile}
            chosen={map === chosen}
          />
        )}
        onPoint={(map) => {
          if (map !== pointed.peek()?.map) point(map === undefined ? undefined : { map, position: undefined });
        }}
        onChoose={onChoose}
      />
    </>
  );
}
