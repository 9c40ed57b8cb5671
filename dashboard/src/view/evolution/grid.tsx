import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Layer } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { playing } from "../../navigation/playback.ts";
import type { Selection } from "../../navigation/selection.ts";
import { pictures } from "../../pictures/pictures.ts";
import { found } from "../../state/found.ts";
import type { Model } from "../../state/model.ts";
import { Cell } from "./cell.tsx";
import { gapTag, gapWords } from "./gap.ts";
import { hovered } from "./focus.ts";
import { cellAt, measure, visible, type Viewport } from "./geometry.ts";

interface Props {
  model: Model;
  layer: Layer;
  selection: Selection;
  /** The rows: all followed maps, or one of them. */
  maps: readonly number[];
  /** Side of a picture, in CSS pixels. */
  size: number;
}

/** Room for the bar under a single row, in CSS pixels. */
const SCROLLBAR = 18;

/** Rows: followed maps. Columns: epochs. Only what can be seen is in the page. */
export function Grid({ model, layer, selection, maps, size }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const selected = useRef({ left: 0, right: 0 });
  const [viewport, setViewport] = useState<Viewport>({ left: 0, top: 0, width: 800, height: 600 });
  const { epochs, epoch, newest } = selection;
  const series = model.features.of(layer.name);
  const sizes = measure(size, series?.last?.atlas);
  const at = epoch === undefined ? -1 : epochs.indexOf(epoch);
  const shown = visible(viewport, sizes, epochs.length, maps.length);

  useLayoutEffect(() => {
    const element = box.current!;
    const read = (): void => {
      const { scrollLeft: left, scrollTop: top, clientWidth: width, clientHeight: height } = element;
      setViewport({ left, top, width, height });
    };
    const scrolled = (): void => {
      const { left, right } = selected.current;
      following.current = right > element.scrollLeft && left < element.scrollLeft + element.clientWidth;
      read();
    };
    read();
    element.addEventListener("scroll", scrolled, { passive: true });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", scrolled);
      observer.disconnect();
      hovered.value = undefined;
    };
  }, []);

  // Keep the selected column in sight, unless somebody scrolled away from the newest one.
  useLayoutEffect(() => {
    const element = box.current!;
    const left = at * sizes.column;
    selected.current = { left, right: left + sizes.column };
    if (at < 0 || (newest && !following.current)) return;
    following.current = true;
    const least = left + sizes.column - (element.clientWidth - sizes.head);
    if (element.scrollLeft > left) element.scrollLeft = left;
    else if (element.scrollLeft < least) element.scrollLeft = least;
  }, [at, newest, sizes.column, viewport.width]);

  // While playing, fetch the next epochs' pictures before they are due.
  useEffect(() => {
    if (!playing.value) return;
    const cancels = epochs.slice(at + 1, at + 4).map((next) => {
      const image = series?.get(next)?.atlas.image;
      return image === undefined || pictures.peek(image) ? () => {} : pictures.request(image, () => {});
    });
    return () => cancels.forEach((cancel) => cancel());
  }, [at, playing.value]);

  const find = (event: MouseEvent) => {
    const cell = cellAt(event, box.current!, sizes);
    const [column, map] = [epochs[cell.column], maps[cell.row]];
    return column === undefined ? undefined : { epoch: column, map };
  };

  const columns = epochs.slice(shown.firstColumn, shown.lastColumn);
  const rows = maps.slice(shown.firstRow, shown.lastRow);
  const x = (index: number): string => `${sizes.head + (shown.firstColumn + index) * sizes.column}px`;
  const width = `${sizes.column}px`;
  const { statistic } = route.value;
  const ringed = statistic === undefined || epoch === undefined ? [] : found(model, layer.name, epoch, statistic);
  const selectedMap = route.value.map ?? maps[0];

  return (
    <div
      ref={box}
      class={`grid${maps.length === 1 ? " one" : ""}`}
      style={maps.length === 1 ? { height: `${sizes.top + sizes.row + SCROLLBAR}px` } : undefined}
      tabIndex={0}
      role="table"
      aria-label={maps.length === 1 ? `Map ${maps[0]} of ${layer.name} by epoch` : `Followed maps of ${layer.name} by epoch`}
      aria-colcount={epochs.length + 1}
      aria-rowcount={maps.length + 1}
      onMouseMove={(event) => {
        const cell = find(event);
        const same = hovered.value?.epoch === cell?.epoch && hovered.value?.map === cell?.map;
        if (!same) hovered.value = cell?.map === undefined ? undefined : { layer: layer.name, epoch: cell.epoch, map: cell.map };
      }}
      onMouseLeave={() => (hovered.value = undefined)}
      onClick={(event) => {
        const cell = find(event);
        if (cell === undefined) return;
        playing.value = false;
        go({ epoch: cell.epoch, ...(cell.map === undefined ? {} : { map: cell.map }) });
      }}
    >
      <div
        class="sheet"
        role="presentation"
        style={{
          width: `${sizes.head + epochs.length * sizes.column}px`,
          height: `${sizes.top + maps.length * sizes.row}px`,
        }}
      >
        <div class="heads" role="row" aria-rowindex={1} style={{ height: `${sizes.top}px` }}>
          <span class="corner" role="columnheader" style={{ width: `${sizes.head}px` }}>
            map
          </span>
          {columns.map((each, index) => {
            const before = epochs[shown.firstColumn + index - 1];
            const skipped = before !== undefined && each > before + 1;
            return (
              <span
                key={each}
                role="columnheader"
                aria-colindex={shown.firstColumn + index + 2}
                class={`head${each === epoch ? " selected" : ""}${skipped ? " skipped" : ""}`}
                title={skipped ? `no record of epoch ${before + 1}${each > before + 2 ? ` to ${each - 1}` : ""}` : undefined}
                style={{ left: x(index), width }}
              >
                {each === 0 ? "untrained" : each}
              </span>
            );
          })}
        </div>
        {at >= 0 && (
          <div class="selected-column" style={{ left: `${sizes.head + at * sizes.column}px`, width, top: `${sizes.top}px` }} />
        )}
        {columns.map((each, index) =>
          series?.get(each) === undefined ? (
            <div key={each} class="gap" style={{ left: x(index), width, top: `${sizes.top}px` }}>
              <span title={gapWords(model, layer.name, each)}>{gapTag(model, layer.name, each)}</span>
            </div>
          ) : null,
        )}
        {rows.map((map, rowIndex) => (
          <div
            key={map}
            class="row"
            role="row"
            aria-rowindex={shown.firstRow + rowIndex + 2}
            style={{ top: `${sizes.top + (shown.firstRow + rowIndex) * sizes.row}px`, height: `${sizes.row}px` }}
          >
            <span class="row-head" role="rowheader" style={{ width: `${sizes.head}px` }}>
              <button
                type="button"
                class={ringed.includes(map) ? "ringed" : ""}
                aria-label={`Map ${map}${ringed.includes(map) ? ", ringed" : ""}`}
                aria-pressed={map === selectedMap}
                onClick={(event) => {
                  event.stopPropagation();
                  go({ map });
                }}
              >
                {map}
              </button>
            </span>
            {columns.map((each, index) => {
              const here = series?.get(each);
              return here === undefined ? null : (
                <Cell
                  key={each}
                  model={model}
                  layer={layer}
                  map={map}
                  epoch={each}
                  features={here}
                  previous={series?.before(each)?.value}
                  index={layer.followed.indexOf(map)}
                  left={x(index)}
                  size={size}
                  selected={each === epoch && map === selectedMap}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}
