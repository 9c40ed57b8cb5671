import { asImages } from "../../pictures/layout.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { ClassMark } from "../classes/mark.tsx";
import { className } from "../evolution/focus.ts";
import { Name } from "../name.tsx";
import type { Point } from "./layout.ts";

interface Props {
  image: number;
  /** Where the image is, and how large the screen around it. */
  at: Point;
  width: number;
  height: number;
}

const [SIDE, AWAY] = [96, 20];

/** The image under the pointer, enlarged, beside its place. */
export function Card({ image, at: [x, y], width, height }: Props) {
  const model = useModel();
  const { labels } = model.run!.probe;
  const atlas = asImages(model.run!.probe.atlas, model.run);
  const kind = className(model, image);
  const across = x > width / 2 ? { right: `${width - x + AWAY}px` } : { left: `${x + AWAY}px` };
  const along = y > height / 2 ? { bottom: `${Math.max(4, height - y - SIDE / 2)}px` } : { top: `${Math.max(4, y - SIDE / 2)}px` };
  return (
    <figure class="image-card" style={{ ...across, ...along }}>
      {image < atlas.count && <Tile atlas={atlas} index={image} size={SIDE} meaning={IMAGE} label={`probe image ${image}`} />}
      <figcaption>
        {kind !== undefined && (
          <b>
            <ClassMark label={labels[image]} /> <Name of={kind} />
          </b>
        )}
        <span>image {image}</span>
      </figcaption>
    </figure>
  );
}
