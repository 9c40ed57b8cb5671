import { useEffect, useRef, useState } from "preact/hooks";
import { layoutOf } from "../pictures/layout.ts";
import { pixelWords, scaleWords } from "../pictures/meaning.ts";
import { enlarged, pixelUnder, type ShownTile } from "../pictures/pointed.ts";
import { Tile } from "../pictures/tile.tsx";

/** One tile as large as there is room, with the value of each pixel, by pointer or by keys. */
export function Enlarged() {
  const dialog = useRef<HTMLDialogElement>(null);
  const tile = enlarged.value;
  useEffect(() => {
    if (tile !== undefined && !dialog.current?.open) dialog.current?.showModal();
  }, [tile]);
  return (
    <dialog ref={dialog} class="enlarged" aria-labelledby="enlarged-title" onClose={() => (enlarged.value = undefined)}>
      {tile !== undefined && <Look key={`${tile.atlas.image} ${tile.index}`} tile={tile} />}
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}

const STEPS: { [key: string]: [number, number] } = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function Look({ tile }: { tile: ShownTile }) {
  const { atlas, index, meaning, label, finish } = tile;
  const { tile_height: rows, tile_width: columns } = atlas;
  const [at, setAt] = useState({ row: rows >> 1, column: columns >> 1 });
  const { height, width, planes } = layoutOf(atlas);
  const smaller = planes === 1 && (height !== rows || width !== columns);
  const pixels = `${planes === 1 ? "" : `${planes} channels of `}${height}×${width} pixels${smaller ? `, shown as ${rows}×${columns}` : ""}`;
  const side = Math.max(160, Math.min(innerWidth - 80, innerHeight - 260, 720));
  // Whole screen pixels for each pixel, as long as there is room for them.
  const times = side / Math.max(rows, columns);
  const size = Math.max(rows, columns) * (times >= 1 ? Math.floor(times) : times);
  const { place, value, exactness } = pixelWords(atlas, index, at.row, at.column, meaning);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <>
      <h2 id="enlarged-title">{label ?? "Picture"}</h2>
      <div
        ref={box}
        class="enlarged-picture"
        tabIndex={0}
        role="application"
        aria-label={`${label ?? "Picture"}, ${rows} rows by ${columns} columns; the arrow keys read its pixels`}
        onKeyDown={(event) => {
          const step = STEPS[event.key];
          if (step === undefined) return;
          event.preventDefault();
          const by = event.shiftKey ? 5 : 1;
          const clamp = (to: number, most: number): number => Math.min(most - 1, Math.max(0, to));
          setAt({ row: clamp(at.row + by * step[0], rows), column: clamp(at.column + by * step[1], columns) });
        }}
        onPointerMove={(event) => {
          const under = pixelUnder(event);
          if (under !== undefined) setAt({ row: under.row, column: under.column });
        }}
      >
        <Tile atlas={atlas} index={index} size={size} meaning={meaning} label={label ?? "the picture"} finish={finish} />
        <i
          class="pixel-mark"
          style={{ left: `${(100 * at.column) / columns}%`, top: `${(100 * at.row) / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%` }}
        />
      </div>
      <p class="enlarged-value" aria-live="polite">
        {place}: <b>{value}</b> {exactness}
      </p>
      <p>
        {scaleWords(meaning)} {pixels}
        {times >= 2 ? `, each shown ${Math.floor(times)} times as large` : ""}. Point at a pixel, or move with the arrow keys (Shift: five at once).
      </p>
    </>
  );
}
