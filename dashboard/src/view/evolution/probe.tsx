import type { UnitView } from "../../generated/protocol.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { asImages, imageLayout, sizeOf } from "../../pictures/layout.ts";
import { Planes } from "../../pictures/planes.tsx";
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
  const layout = imageLayout(model.run);
  if (layout.planes > 1) return <OnEachPlane model={model} unit={unit} who={who} size={size} />;
  const { height, width } = layout;
  const [top, left] = [Math.min(0, field.top), Math.min(0, field.left)];
  const bottom = Math.max(height, field.top + field.height);
  const right = Math.max(width, field.left + field.width);
  const scale = size / Math.max(bottom - top, right - left);
  const px = (length: number): string => `${length * scale}px`;
  return (
    <figure class="probe">
      <div class="frame hatch" style={{ width: `${size}px`, height: `${size}px` }}>
        <div class="fit" style={{ width: px(right - left), height: px(bottom - top) }}>
          <div class="image" style={{ left: px(-left), top: px(-top), width: px(width), height: px(height) }}>
            <Tile atlas={asImages(atlas, model.run)} index={unit.image} size={Math.max(width, height) * scale} meaning={IMAGE} label={`probe image ${unit.image}`} />
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

/** The same of an image whose channels are no colours: the box on each of them, as far as it lies on the image. */
function OnEachPlane({ model, unit: { image, field }, who, size }: Props) {
  const layout = imageLayout(model.run);
  const whole = sizeOf(layout);
  const scale = size / Math.max(whole.height, whole.width);
  const [of, px] = [(length: number, all: number): string => `${(100 * length) / all}%`, (length: number): string => `${length * scale}px`];
  return (
    <figure class="probe">
      <div class="frame hatch" style={{ width: `${size}px`, height: `${size}px` }}>
        <div class="fit" style={{ width: px(whole.width), height: px(whole.height) }}>
          <div class="image" style={{ inset: 0 }}>
            <Tile atlas={asImages(model.run!.probe.atlas, model.run)} index={image} size={size} meaning={IMAGE} label={`probe image ${image}`} />
          </div>
          <Planes layout={layout}>
            <div
              class="field"
              style={{
                left: of(field.left, layout.width),
                top: of(field.top, layout.height),
                width: of(field.width, layout.width),
                height: of(field.height, layout.height),
              }}
            />
          </Planes>
        </div>
      </div>
      <figcaption>the whole image, channel by channel, and what {who} sees of it</figcaption>
    </figure>
  );
}
