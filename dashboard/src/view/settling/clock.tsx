import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useCalmRevision, useModel } from "../../state/store.ts";
import { EpochTicks, place } from "../epochs.tsx";
import { useSize } from "../size.ts";
import { axisOf, columnAt, type Axis } from "./columns.ts";
import { ClockKey } from "./key.tsx";
import { point, pointed } from "./pointed.ts";
import { readLayers } from "./layers.ts";
import { rampOf, type Quantity } from "./quantities.ts";
import { Row } from "./row.tsx";

interface Props {
  layer: string;
  epoch: number;
  quantity: Quantity;
}

/** All layers by all epochs: how much each changed, and when it settled. */
export function Clock({ layer, epoch, quantity }: Props) {
  const model = useModel();
  const revision = useCalmRevision();
  const table = useRef<HTMLTableElement>(null);
  const measured = useRef<HTMLTableCellElement>(null);
  const { width } = useSize(measured);
  const { layers, newest } = useMemo(() => ({ layers: readLayers(model), newest: Math.max(1, model.newestEpoch) }), [model, revision]);
  const ramp = useMemo(() => rampOf(quantity, layers.map(({ changes }) => changes)), [layers, quantity]);
  const axis = axisOf(newest);
  const current = useRef(axis);
  current.current = axis;

  // The line under the pointer moves without anything being drawn again.
  useSignalEffect(() => {
    const at = pointed.value;
    table.current?.style.setProperty("--at", at === undefined ? "-99px" : middle(current.current, at.epoch));
  });
  useEffect(() => () => point(undefined), []);

  const heights = layers.length > 12 ? { cells: 13, bar: 4 } : { cells: 20, bar: 5 };
  return (
    <div class="table-box clock-box" tabIndex={0} role="region" aria-label={`${quantity.label}: layers by epoch`}>
      <table ref={table} class={`clock${layers.length > 12 ? " many" : ""}`} style={{ "--here": middle(axis, epoch) }}>
        <thead>
          <tr>
            <th scope="col">layer</th>
            <th scope="col" class="wide" ref={measured}>
              <ClockKey quantity={quantity} ramp={ramp} />
            </th>
            <th scope="col">state now</th>
            <th scope="col" title="The first of the quiet epochs">settled since epoch</th>
            <th scope="col" title="How often it had settled and then changed again">moved again</th>
            <th scope="col" title="From here on it has been close to what it is now: 1 − CKA is at most a fifth of what it was at the start">
              like now since epoch
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ name, changes }) => (
            <Row
              key={name}
              layer={name}
              changes={changes}
              quantity={quantity}
              axis={axis}
              newest={newest}
              revision={revision}
              ramp={ramp}
              width={width}
              heights={heights}
              selected={name === layer}
            />
          ))}
          <tr class="ticks">
            <td>epoch</td>
            <td>
              <EpochTicks span={axis.span} />
            </td>
            <td colSpan={4} />
          </tr>
        </tbody>
      </table>
      {axis.each > 1 && (
        <p class="note">
          Each column stands for {axis.each} epochs and shows the one with {quantity.likeness ? "the least likeness" : "the largest value"}.
        </p>
      )}
    </div>
  );
}

/** The middle of an epoch's column. */
function middle(axis: Axis, epoch: number): string {
  return `${place(axis.span, axis.span.first + (columnAt(axis, epoch) + 0.5) * axis.each)}%`;
}
