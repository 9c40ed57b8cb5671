import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { bottomWords, ends, valueAxis, type Ends } from "../../charts/axes.ts";
import { Chart, drawEpoch, epochAxis, epochScale } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import { drawUprights, type Upright } from "../../charts/marks.ts";
import { go } from "../../navigation/navigate.ts";
import type { LayerChanges } from "../../state/changes.ts";
import type { Model } from "../../state/model.ts";
import { store, useModel } from "../../state/store.ts";
import { FRAME, SIDE } from "./frame.ts";
import { point } from "./pointed.ts";
import { valueOf, type Quantity } from "./quantities.ts";
import { standingWords } from "./states.ts";

interface Props {
  layer: string;
  changes: LayerChanges;
  quantity: Quantity;
  epoch: number;
}

/** A quantity of one layer over epochs, with the settling marks. */
export function LayerChart({ layer, changes, quantity, epoch }: Props) {
  const model = useModel();
  const revision = store.revision.value;
  const { scale, label } = quantity;
  const withFloor = quantity.field === "change";
  const { data, y, bottom } = useMemo(() => {
    const epochs = epochsOf(model, quantity, changes);
    const values = epochs.map((each) => valueOf(quantity, changes, each) ?? null);
    const floors = withFloor ? epochs.map((each) => changes.value("floor", each) ?? null) : [];
    const positive = floors.filter((floor) => floor !== null && floor > 0) as number[];
    const known = values.filter((value) => value !== null);
    const moved = values.some((value) => value !== null && value > 0);
    const y: Ends = scale === "logarithmic" && !moved ? [0.001, 1] : scale === "logarithmic" ? ends(scale, values, positive.length > 0 ? [Math.min(...positive)] : []) : [Math.min(0, ...known), Math.max(1, ...known) * 1.04];
    const shown = (all: (number | null)[]) => all.map((value) => (value !== null && scale === "logarithmic" ? Math.max(value, y[0]) : value));
    return {
      data: [epochs, shown(values), ...(withFloor ? [shown(floors)] : [])] as uPlot.AlignedData,
      y,
      bottom: scale === "logarithmic" ? bottomWords(values, y) : undefined,
    };
  }, [model, changes, quantity, revision]);
  const newest = Math.max(1, model.newestEpoch);
  const marks = uprights(model, layer);
  const current = useMemo(() => ({ epoch, newest, y, bottom, marks }), []);
  Object.assign(current, { epoch, newest, y, bottom, marks });
  const few = newest <= 40;
  return (
    <Chart
      label={`${label} of ${layer} over epochs; ${standingWords(model.settlings.standing(layer))}`}
      identity={`${layer} ${quantity.id} ${few}`}
      height={230}
      data={data}
      redraw={`${epoch} ${newest} ${revision}`}
      onPick={(picked) => go({ epoch: picked })}
      build={() => ({
        ...FRAME,
        scales: {
          x: epochScale(current),
          y: { distr: scale === "logarithmic" ? 3 : 1, range: () => current.y },
        },
        axes: [epochAxis(), { ...valueAxis(scale === "linear" ? "linear" : scale, false, () => current.bottom), size: SIDE }],
        series: [
          {},
          { label, stroke: () => colour("ink"), width: 2, points: { show: few || quantity.field === undefined, size: 5, fill: () => colour("ink") } },
          ...(withFloor
            ? [
                {
                  label: "floor",
                  stroke: () => colour("noise", 0.7),
                  width: 1,
                  fill: () => colour("noise", 0.16),
                  fillTo: () => current.y[0],
                  points: { show: false },
                },
              ]
            : []),
        ],
        hooks: {
          setCursor: [
            (plot) => {
              const at = plot.data[0][plot.cursor.idx ?? -1];
              if ((plot.cursor.left ?? -1) < 0) point(undefined);
              else if (at !== undefined) point({ layer, epoch: at });
            },
          ],
          draw: [
            (plot) => {
              drawUprights(plot, current.marks);
              drawEpoch(plot, current.epoch);
            },
          ],
        },
      })}
    />
  );
}

/** The epochs of a chart. Those that were dropped are in it, without a reading: lines break there. */
function epochsOf(model: Model, quantity: Quantity, changes: LayerChanges): number[] {
  if (quantity.field === undefined) return changes.likeness?.byEpoch.epochs.slice() ?? [];
  const broken = model.epochs.states.epochs.filter((each) => model.epochs.isBroken(each) && !changes.has(each));
  return broken.length === 0 ? changes.epochs.slice() : [...changes.epochs, ...broken].sort((a, b) => a - b);
}

/** Where the layer settled and moved again. */
function uprights(model: Model, layer: string): Upright[] {
  const settled = model.settlings.stays(layer).filter(({ state }) => state === "settled");
  return [
    ...settled.map(({ from }) => ({ epoch: from, words: `settled at ${from}`, colour: "smooth" })),
    ...model.settlings.movedAgain(layer).map((epoch) => ({ epoch, words: `moves again, ${epoch}`, colour: "accent" })),
  ].sort((a, b) => a.epoch - b.epoch);
}
