import { useState } from "preact/hooks";
import type { Layer } from "../../generated/protocol.ts";
import { epochName } from "../../state/words.ts";
import { ReadingList } from "../maps/list.tsx";
import { StudyBar } from "../study/bar.tsx";
import { NoStudy } from "../study/none.tsx";
import { FilterOfMap } from "./filter.tsx";
import { UnitFilm } from "./film.tsx";
import { UnitHead } from "./head.tsx";
import { Hits } from "./hits.tsx";
import { subjects, useUnit } from "./pick.ts";
import { SearchedWords } from "./searched.tsx";
import { hasPictures, isCopy } from "./sheet.ts";
import { SyntheticImage } from "./synthetic.tsx";
import { WholeImage } from "./whole.tsx";

interface Props {
  layer: Layer;
  map: number;
  epoch: number;
}

/** Everything about one feature map. */
export function UnitPage({ layer, map, epoch }: Props) {
  const [chosen, setChosen] = useState(0);
  const { study, entry } = useUnit(layer.name, map, epoch);
  const { one } = subjects(layer.name, map);
  const sheet = study.document;
  const hit = entry?.tops.hits[chosen] ?? entry?.tops.hits[0];
  return (
    <article class="unit-page">
      <UnitHead layer={layer} map={map} />
      <StudyBar study={study} epoch={epoch} asks={one} />
      {sheet === undefined || entry === undefined ? (
        <NoStudy study={study} what={`what excites map ${map} of ${layer.name}`} epoch={epoch} asks={one} />
      ) : (
        <div class="unit-columns">
          <section aria-label="Top images">
            <h2>
              What excites it most <small>{epochName(sheet.epoch)}</small>
            </h2>
            <SearchedWords sheet={sheet} />
            {entry.dead && (
              <p class="map-verdict">
                Dead: no probe image excites this map.{entry.tops.hits.length > 0 && " The images below are from the gallery."}
              </p>
            )}
            {isCopy(entry) && <p class="map-verdict">Nearly a copy of the image: this map has learned little.</p>}
            {!entry.dead && entry.tops.hits.length === 0 && <p class="map-verdict">No searched image excites this map.</p>}
            {entry.tops.hits.length > 0 && !hasPictures(entry.tops) && (
              <p class="map-verdict">
                No pictures were made of this map: the layer has too many for all of them. “Compute now” makes those of this map.
              </p>
            )}
            <Hits sheet={sheet} hits={entry.tops.hits} chosen={hit} onChoose={setChosen} />
          </section>
          <aside class="unit-side" aria-label="About the map">
            {hit !== undefined && <WholeImage sheet={sheet} hit={hit} />}
            <h2>
              Readings <small>over the probe images, {epochName(sheet.epoch)}</small>
            </h2>
            <ReadingList values={entry.readings} />
          </aside>
        </div>
      )}
      <div class="unit-more">
        <FilterOfMap layer={layer.name} map={map} epoch={epoch} />
        <SyntheticImage layer={layer.name} map={map} epoch={epoch} />
      </div>
      <UnitFilm layer={layer} map={map} epoch={epoch} />
    </article>
  );
}
