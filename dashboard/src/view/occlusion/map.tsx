import { opacity, over } from "../../navigation/preferences.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { Picture, type Frame } from "./picture.tsx";
import { Plane } from "./plane.tsx";

interface Props extends Frame {
  image: number;
  colours: readonly (string | undefined)[];
  label?: string;
}

/** A map of the positions, over the image or alone. */
export function MapPicture({ image, colours, label, ...frame }: Props) {
  const atlas = useModel().run?.probe.atlas;
  const plane = <Plane grid={frame.grid} side={frame.side} colours={colours} opacity={over.value ? opacity.value / 100 : 1} />;
  return (
    <Picture {...frame} label={label} over={plane}>
      {over.value && atlas !== undefined && image < atlas.count && <Tile atlas={atlas} index={image} size={frame.size} meaning={undefined} />}
    </Picture>
  );
}
