import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { wide } from "../../navigation/preferences.ts";
import type { FilterEpoch } from "../../state/filters.ts";
import { FilterTile } from "./tile.tsx";
import { arrange, rowsInView } from "./arrange.ts";

interface Props {
  record: FilterEpoch;
  /** The filters to show, by number. */
  shown: readonly number[];
  ringed: readonly number[];
  name: string;
  chosen: number | undefined;
  onPoint: (filter: number | undefined) => void;
  onChoose: (filter: number) => void;
}

/** The filters of a layer at one epoch. Only the rows in view exist: a layer can have thousands of filters. */
export function Wall({ record, shown, ringed, name, chosen, onPoint, onChoose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState({ width: 480, height: 400, top: 0 });
  const { atlas, readings } = record;
  const size = arrange(readings.count, atlas, viewport.width, wide.value);
  const rows = Math.ceil(shown.length / size.columns);
  const [first, last] = rowsInView(viewport, size.row, rows);

  useLayoutEffect(() => {
    const element = box.current!;
    const read = (): void => {
      const next = { width: element.clientWidth, height: element.clientHeight, top: element.scrollTop };
      setViewport((old) => (old.width === next.width && old.height === next.height && old.top === next.top ? old : next));
    };
    read();
    element.addEventListener("scroll", read, { passive: true });
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", read);
      observer.disconnect();
    };
  }, []);

  // Bring the chosen filter into sight.
  useLayoutEffect(() => {
    const element = box.current!;
    const row = chosen === undefined ? -1 : Math.floor(shown.indexOf(chosen) / size.columns);
    if (row < 0) return;
    const top = row * size.row;
    if (top < element.scrollTop || top + size.row > element.scrollTop + element.clientHeight) element.scrollTop = top;
  }, [chosen, shown.length, size.columns]);

  const filterAt = ({ target }: Event): number | undefined => {
    const tile = target instanceof Element ? target.closest<HTMLElement>("[data-filter]") : null;
    return tile === null ? undefined : Number(tile.dataset.filter);
  };
  return (
    <div
      ref={box}
      class="wall"
      onMouseOver={(event) => onPoint(filterAt(event))}
      onMouseLeave={() => onPoint(undefined)}
      onFocusIn={(event) => onPoint(filterAt(event))}
      onFocusOut={() => onPoint(undefined)}
      onClick={(event) => {
        const filter = filterAt(event);
        if (filter !== undefined) onChoose(filter);
      }}
    >
      <ul aria-label={`Filters of ${name}`} style={{ height: `${rows * size.row}px` }}>
        {shown.slice(first * size.columns, last * size.columns).map((filter, index) => {
          const at = first * size.columns + index;
          return (
            <li
              key={filter}
              aria-setsize={shown.length}
              aria-posinset={at + 1}
              style={{ left: `${(at % size.columns) * size.column}px`, top: `${Math.floor(at / size.columns) * size.row}px` }}
            >
              <FilterTile
                atlas={atlas}
                filter={filter}
                state={readings.state(filter)}
                size={size.tile}
                chosen={filter === chosen}
                ringed={ringed.includes(filter)}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
