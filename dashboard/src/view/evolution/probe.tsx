import type { UnitView } from "../../generated/protocol.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import type { Model } from "../../state/model.ts";

interface Props {
  model: Model;
  unit: Pick<UnitView, "image" | "field">;
  /** Who sees the box. */
  who?: string;
  /** Side of the square it is fitted into, in CSS pixels. */
  size: number;
}

/**
 * The whole probe image with the box that the unit sees. Where the box reaches beyond the image there
 * are no pixels, only the network's padding.
 */
export function ProbeImage({ model, unit, who = "the unit", size }: Props) {
  const atlas = model.run?.probe.atlas;
  if (atlas === undefined || unit.image >= atlas.count) return null;
  const { field } = unit;
  const [height, width] = [atlas.tile_height, atlas.tile_width];
  const [top, left] = [Math.min(0, field.top), Math.min(0, field.left)];
  const bottom = Math.max(height, field.top + field.height);
  const right = Math.max(width, field.left + field.width);
  const scale = size / Math.max(bottom - top, right - left);
  const px = (length: number): string => `${length * scale}px`;
  return (
    <figure class="probe">
      <div class="frame hatch" style={{ width: `${size}px`, height: `${size}px` }}>
        <div class="fit" style={{ width: px(right - left), height: px(bottom - top) }}>
          <div class="image" style={{ left: px(-left), top: px(-top) }}>
            <Tile atlas={atlas} index={unit.image} size={Math.max(width, height) * scale} meaning={IMAGE} label={`probe image ${unit.image}`} />
          </div>
          <div
            class="field"
            style={{
              left: px(field.left - left),
              top: px(field.top - top),
              width: px(field.width),
              height: px(field.height),
            }}
          />
        </div>
      </div>
      <figcaption>the whole image, and what {who} sees of it</figcaption>
    </figure>
  );
}
