import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { colour } from "../../charts/colours.ts";
import { colours } from "../../navigation/preferences.ts";
import { go } from "../../navigation/navigate.ts";
import { useCalmRevision, useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { place } from "../epochs.tsx";
import { Link } from "../link.tsx";
import { axisOf, columnAt, columnsOf, columnUnder } from "../settling/columns.ts";
import { readLayers } from "../settling/layers.ts";
import { paintColumns, paintMarks } from "../settling/paint.ts";
import { point, pointed } from "../settling/pointed.ts";
import { quantityOf, rampOf } from "../settling/quantities.ts";
import { standingAt, standingWords } from "../settling/states.ts";

interface Props {
  layer: string;
  epoch: number;
}

/** Of all rows together, and of one, in CSS pixels. */
const HEIGHT = 84;
const [LEAST, MOST] = [3, 13];
/** Rows that are less high have no marks and nothing between them. */
const ROOMY = 8;

/** The layer clock without words: a row per layer, a column per epoch. */
export function ClockStrip({ layer, epoch }: Props) {
  const model = useModel();
  const revision = useCalmRevision();
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const quantity = quantityOf(undefined);
  const { layers, axis, rows } = useMemo(() => {
    const layers = readLayers(model);
    const newest = Math.max(1, model.newestEpoch);
    const axis = axisOf(newest);
    return { layers, axis, rows: layers.map(({ changes }) => columnsOf(quantity, changes, axis, newest)) };
  }, [model, revision]);
  const row = Math.max(LEAST, Math.min(MOST, Math.floor(HEIGHT / Math.max(1, layers.length))));
  const height = row * layers.length;
  // Without a single change there is nothing to see.
  const shown = !model.single && rows.some((row) => row.some(({ kind }) => kind === "value"));

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const read = (): void => setWidth(element.clientWidth);
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => {
      observer.disconnect();
      point(undefined);
    };
  }, [shown]);
  useLayoutEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!ctx || width <= 0) return;
    const px = devicePixelRatio;
    const wide = ctx.canvas.width;
    const ramp = rampOf(quantity, layers.map(({ changes }) => changes));
    ctx.clearRect(0, 0, wide, ctx.canvas.height);
    layers.forEach(({ name }, at) => {
      const between = row >= ROOMY ? 1 : 0;
      const place = { top: at * row * px, width: wide, height: (row - between) * px };
      paintColumns(ctx, rows[at]!, ramp, place);
      if (between === 0) return;
      paintMarks(ctx, model.settlings.stays(name), model.settlings.movedAgain(name), axis, place);
      ctx.fillStyle = colour("surface");
      ctx.fillRect(0, place.top + place.height, wide, between * px);
    });
  }, [rows, width, row, colours.value]);

  if (!shown) return null;
  const under = (event: MouseEvent) => {
    const frame = box.current!.getBoundingClientRect();
    const at = Math.min(layers.length - 1, Math.max(0, Math.floor((event.clientY - frame.top) / row)));
    return { layer: layers[at]!.name, epoch: rows[at]?.[columnUnder(axis, event, box.current!)]?.epoch ?? 0 };
  };
  const selected = layers.findIndex(({ name }) => name === layer);
  const here = `${place(axis.span, axis.span.first + (columnAt(axis, epoch) + 0.5) * axis.each)}%`;
  return (
    <div class="clock-strip" role="group" aria-label="Change of all layers by epoch">
      <div
        ref={box}
        class="cells"
        style={{ height: `${height}px`, "--here": here }}
        onMouseMove={(event) => point(under(event))}
        onMouseLeave={() => point(undefined)}
        onClick={(event) => {
          const to = under(event);
          go(to.layer === layer ? to : { ...to, map: undefined });
        }}
      >
        <canvas
          ref={canvas}
          width={Math.round(width * devicePixelRatio)}
          height={Math.round(height * devicePixelRatio)}
          style={{ height: `${height}px` }}
          aria-hidden="true"
        />
        <i />
        {selected >= 0 && <b style={{ top: `${selected * row - 2}px`, height: `${row + 3}px` }} />}
      </div>
      <Words layer={layer} epoch={epoch} />
    </div>
  );
}

/** The numbers of the cell under the pointer, otherwise of the selected one. */
function Words(selected: Props) {
  const model = useModel();
  const { layer, epoch } = pointed.value ?? selected;
  const changes = model.changes.of(layer);
  const value = changes?.value("change", epoch);
  return (
    <p>
      <span>
        <b>{layer}</b>, {epochName(epoch)}:{" "}
        change {value == null ? "–" : reading(value, "logarithmic")} · {standingWords(standingAt(model, layer, epoch))}
      </span>
      <Link to={{ view: "settling", layer, map: undefined }}>which layers have settled</Link>
    </p>
  );
}
