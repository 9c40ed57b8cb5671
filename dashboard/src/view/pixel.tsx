import { pixelWords } from "../pictures/meaning.ts";
import { pointedPixel } from "../pictures/pointed.ts";

const AWAY = 16;

/** Reads the pixel under the pointer, beside the pointer. */
export function PixelReadout() {
  const at = pointedPixel.value;
  if (at === undefined) return null;
  const { tile, row, column, x, y } = at;
  const { place, value, exactness } = pixelWords(tile.atlas, tile.index, row, column, tile.meaning);
  const [right, low] = [x > innerWidth / 2, y > innerHeight - 110];
  return (
    <div
      class="pixel-readout"
      aria-hidden="true"
      style={{
        ...(right ? { right: `${innerWidth - x + AWAY}px` } : { left: `${x + AWAY}px` }),
        ...(low ? { bottom: `${innerHeight - y + AWAY}px` } : { top: `${y + AWAY}px` }),
      }}
    >
      <b>{value}</b>
      <span>
        {place}
        {exactness !== "" && ` · ${exactness}`}
      </span>
      <small>z or double click: enlarge</small>
    </div>
  );
}
