import type { StudySubject, SynthesisSheet, SyntheticView } from "../../generated/protocol.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { epochName, number } from "../../state/words.ts";
import { AskButton } from "../study/ask.tsx";
import { Standing } from "../study/standing.tsx";
import { useStudy } from "../study/use.ts";
import { ageWords } from "../study/words.ts";

interface Props {
  layer: string;
  map: number;
  epoch: number;
}

/** An image made to excite the map, if there is one, and a way to have one made. */
export function SyntheticImage({ layer, map, epoch }: Props) {
  const one: StudySubject = { study: "synthesis_of_map", layer, map };
  const alone = useStudy("synthesis", one, epoch);
  const whole = useStudy("synthesis", { study: "synthesis", layer }, epoch);
  const found = [alone, whole]
    .map(({ document }) => ({ sheet: document, view: document?.layer === layer ? document.views.find(({ target }) => target === map) : undefined }))
    .filter((each): each is { sheet: typeof each.sheet & object; view: SyntheticView } => each.view !== undefined)
    .sort((a, b) => b.sheet.epoch - a.sheet.epoch)[0];
  return (
    <section class="unit-part" aria-label="Synthetic image">
      <h2>
        Synthetic image{" "}
        {found !== undefined && (
          <small>
            {epochName(found.sheet.epoch)}
            {found.sheet.epoch !== epoch && ` ${ageWords(epoch, found.sheet.epoch)}`}
          </small>
        )}
      </h2>
      <div class="part-body">
        {found === undefined ? (
          <p>
            An image can be made by gradient ascent so that it excites this map as much as possible. None was made of this map
            {alone.shown === undefined && whole.shown === undefined ? "" : " yet"}.
          </p>
        ) : (
          <Made sheet={found.sheet} view={found.view} />
        )}
      </div>
      <p class="part-ask">
        <AskButton subject={one} what="one" byKey={false} />
      </p>
      <Standing subject={one} />
    </section>
  );
}

function Made({ sheet, view }: { sheet: SynthesisSheet; view: SyntheticView }) {
  const value = (each: number | null): string => (each === null ? "–" : number(each));
  return (
    <>
      {view.tile === null ? <p>It could not be made.</p> : <Tile atlas={sheet.atlas} index={view.tile} size={112} meaning={IMAGE} label="synthetic image" />}
      <div>
        <p class="synthetic-words">Synthetic: made by gradient ascent, not an image that exists.</p>
        <p>
          The map's value rose from <b>{value(view.start)}</b> for noise to <b>{value(view.end)}</b>; the best probe image
          reaches <b>{value(view.natural)}</b>. Other images excite it as well.
        </p>
        <p>
          <small>{sheet.recipe}</small>
        </p>
      </div>
    </>
  );
}
