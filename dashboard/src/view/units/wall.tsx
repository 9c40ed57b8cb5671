import { useMemo } from "preact/hooks";
import type { Layer, StudySubject } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { wide, zoom } from "../../navigation/preferences.ts";
import { MapTools } from "../maps/tools.tsx";
import { Wall } from "../maps/wall.tsx";
import { StudyBar } from "../study/bar.tsx";
import { NoStudy } from "../study/none.tsx";
import { useStudy } from "../study/use.ts";
import { UnitCard } from "./card.tsx";
import { measure } from "./measure.ts";
import { SearchedWords } from "./searched.tsx";
import { entriesOf, hasPictures, KINDS, ORDERS, shownUnits } from "./sheet.ts";

interface Props {
  layer: Layer;
  epoch: number;
}

/** All maps of a layer with their top images. */
export function UnitWall({ layer, epoch }: Props) {
  const { only, sort } = route.value;
  const subject: StudySubject = { study: "units", layer: layer.name };
  const study = useStudy("units", subject, epoch);
  const sheet = study.document?.layer === layer.name ? study.document : undefined;
  const entries = useMemo(() => (sheet === undefined ? undefined : entriesOf(sheet)), [sheet]);
  const shown = useMemo(() => (entries === undefined ? [] : shownUnits(entries, only, sort)), [entries, only, sort]);
  if (sheet === undefined || entries === undefined) {
    return (
      <>
        <StudyBar study={study} epoch={epoch} />
        <NoStudy study={study} what={`what excites the maps of ${layer.name}`} epoch={epoch} />
      </>
    );
  }
  const pictured = [...entries.values()].some(({ tops }) => tops.hits.length > 0 && hasPictures(tops));
  const kinds = KINDS.map(({ holds, ...kind }) => ({ ...kind, amount: [...entries.values()].filter(holds).length })).filter(
    ({ id, amount }) => id === undefined || amount > 0 || id === only,
  );
  return (
    <>
      <StudyBar study={study} epoch={epoch} />
      <SearchedWords sheet={sheet} />
      <MapTools kinds={kinds} only={only} orders={ORDERS} sort={sort} maps={layer.shape[0]} onSearch={(map) => go({ map })} />
      {shown.length === 0 && (
        <p class="empty">
          No map of this layer is like that.{" "}
          <button type="button" class="link" onClick={() => go({ only: undefined })}>
            Show all
          </button>
        </p>
      )}
      <Wall
        key={layer.name}
        label={`Maps of ${layer.name}`}
        class="unit-wall"
        shown={shown}
        chosen={undefined}
        measure={(width) => measure(width - 14, zoom.value * (wide.value ? 1.26 : 1), pictured)}
        render={(map, size) => <UnitCard map={map} entry={entries.get(map)!} atlas={sheet.atlas} size={size} chosen={false} />}
        onChoose={(map) => go({ map })}
      />
    </>
  );
}
