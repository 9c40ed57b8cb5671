import { useRef } from "preact/hooks";
import type { Layer } from "../../generated/protocol.ts";
import { IMAGE, projectionMeaning, type Meaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { count } from "../../state/value.ts";
import { epochName, number } from "../../state/words.ts";
import { Blank } from "./cell.tsx";
import { Name } from "../name.tsx";
import { className } from "./focus.ts";
import { gapWords } from "./gap.ts";
import { ProbeImage } from "./probe.tsx";
import { useSize } from "../size.ts";

interface Props {
  layer: Layer;
  epoch: number;
  map: number;
  jumps: readonly number[];
}

const [LEAST, MOST] = [110, 190];

/** The selected epoch's frame of the film. */
export function Frame({ layer, epoch, map, jumps }: Props) {
  const model = useModel();
  const box = useRef<HTMLElement>(null);
  const { width } = useSize(box);
  const size = Math.max(LEAST, Math.min(MOST, Math.floor((width - 20) / 3)));
  const series = model.features.of(layer.name);
  const features = series?.get(epoch);
  const index = layer.followed.indexOf(map);
  const unit = features?.followed.ofMap(map, index);
  const before = series?.before(epoch);
  const old = before?.value.followed.imageOf(map, index);
  const since = jumps.findLast((jump) => jump <= epoch) ?? series?.epochs[0];
  const picture = (tile: number | null | undefined, label: string, meaning: Meaning) =>
    features === undefined || tile == null ? <Blank size={size} /> : <Tile atlas={features.atlas} index={tile} size={size} meaning={meaning} label={label} />;
  return (
    <section ref={box} class="frame-of-film" aria-label="Frame">
      <figure>
        {picture(unit?.projection, "projection", projectionMeaning(unit?.projection_scale ?? null))}
        <figcaption>projection</figcaption>
      </figure>
      <figure>
        {picture(unit?.patch, "image patch", IMAGE)}
        <figcaption>patch</figcaption>
      </figure>
      {unit !== undefined && <ProbeImage model={model} unit={unit} size={size} />}
      <div class="frame-words">
        <h3>
          map {map}, {epochName(epoch)}
        </h3>
        {unit === undefined ? (
          <p>{gapWords(model, layer.name, epoch)}</p>
        ) : (
          <>
            <p>
              image {named(unit.image)}, activation {number(unit.value)}
            </p>
            {jumps.includes(epoch) && old !== undefined && before !== undefined ? (
              <p class="jump-words">
                <i class="jump" aria-hidden="true" /> jump: at {epochName(before.epoch)} it was image {named(old)}
              </p>
            ) : (
              since !== undefined && <p>the same image since {epochName(since)}</p>
            )}
          </>
        )}
        <p class="note">
          <i class="jump-swatch" aria-hidden="true" /> {jumps.length === 0 ? "No jump so far" : `${count(jumps.length, "jump")} so far, the last in epoch ${jumps.at(-1)}`}: a jump
          is when another image becomes the map's strongest.
        </p>
      </div>
    </section>
  );

  function named(image: number) {
    const name = className(model, image);
    return name === undefined ? (
      image
    ) : (
      <>
        {image} (<Name of={name} />)
      </>
    );
  }
}
