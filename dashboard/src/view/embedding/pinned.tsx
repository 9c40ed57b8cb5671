import type { DocumentOf } from "../../documents/use.ts";
import { go, route } from "../../navigation/navigate.ts";
import { asImages } from "../../pictures/layout.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { ClassMark } from "../classes/mark.tsx";
import { className } from "../evolution/focus.ts";
import { Name } from "../name.tsx";
import { Link } from "../link.tsx";

const SIDE = 112;

/** The image that was chosen. */
export function Pinned({ sheet }: { sheet: DocumentOf<"embedding"> }) {
  const model = useModel();
  const { image } = route.value;
  const { labels } = model.run!.probe;
  const atlas = asImages(model.run!.probe.atlas, model.run);
  if (image === undefined || image >= sheet.points.length) {
    return (
      <section class="pinned" aria-label="Chosen image">
        <h2>Images</h2>
        <p>
          Point at a mark to see its image, click to keep it. Keys: <kbd>i</kbd> next image, <kbd>t</kbd> images in place of
          marks.
        </p>
      </section>
    );
  }
  const kind = className(model, image);
  return (
    <section class="pinned" aria-label="Chosen image">
      <h2>Image {image}</h2>
      <div class="pinned-image">
        {image < atlas.count && <Tile atlas={atlas} index={image} size={SIDE} meaning={IMAGE} label={`probe image ${image}`} />}
        <div>
          {kind !== undefined && (
            <p>
              <ClassMark label={labels[image]} /> <Name of={kind} />
            </p>
          )}
          <p>
            <Link to={{ view: "activations", layer: sheet.layer, image, map: undefined }}>What {sheet.layer} makes of it</Link>
          </p>
          <button type="button" class="link" onClick={() => go({ image: undefined })}>
            let it go
          </button>
        </div>
      </div>
    </section>
  );
}
