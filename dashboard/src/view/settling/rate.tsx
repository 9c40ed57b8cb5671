import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { ends, valueAxis } from "../../charts/axes.ts";
import { Chart, drawEpoch, epochAxis, epochScale } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import { go } from "../../navigation/navigate.ts";
import type { Model } from "../../state/model.ts";
import type { NamedMetric } from "../../state/metrics.ts";
import { store, useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { FRAME, SIDE } from "./frame.ts";
import { pointed } from "./pointed.ts";

/** The learning rate, if the training has it on record. */
export function learningRate(model: Model): NamedMetric | undefined {
  return [...model.metrics.all.values()].find(({ name }) => /learning[ _-]?rate|^lr$/i.test(name));
}

/** The learning rate over the same epochs as the chart above. */
export function RateChart({ metric, epoch }: { metric: NamedMetric; epoch: number }) {
  const model = useModel();
  const revision = store.revision.value;
  const series = (metric.splits.train ?? metric.splits.valid)!.byEpoch;
  const { data, y } = useMemo(() => {
    const values = series.values.slice();
    return { data: [series.epochs.slice(), values] as uPlot.AlignedData, y: ends("linear", [0, ...values], []) };
  }, [series, revision]);
  const newest = Math.max(1, model.newestEpoch);
  const current = useMemo(() => ({ epoch, newest, y }), []);
  Object.assign(current, { epoch, newest, y });
  return (
    <>
      <h3>
        {metric.name} <b class="reading">{reading(series.get(pointed.value?.epoch ?? epoch), "linear")}</b>
      </h3>
      <Chart
        label={`${metric.name} over epochs`}
        identity={metric.name}
        height={116}
        data={data}
        redraw={`${epoch} ${newest} ${revision}`}
        onPick={(picked) => go({ epoch: picked })}
        build={() => ({
          ...FRAME,
          scales: {
            x: epochScale(current),
            y: { range: () => current.y },
          },
          axes: [{ ...epochAxis(), label: "", labelSize: 0, size: 22 }, { ...valueAxis("linear", true, () => undefined), size: SIDE }],
          series: [{}, { label: metric.name, stroke: () => colour("train"), width: 1.75, points: { show: false } }],
          hooks: { draw: [(plot) => drawEpoch(plot, current.epoch)] },
        })}
      />
      <p class="note">
        A falling learning rate makes every layer stop, whatever it has learned: look whether a layer settled by itself or
        with the rate.
      </p>
    </>
  );
}
