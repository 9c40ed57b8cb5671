import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { Chart, drawEpoch, epochAxis, epochCursor, epochScale } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import { ALERT_LANE, drawAlert, drawBand, drawCrosses, drawHatch, drawLevels } from "../../charts/marks.ts";
import type { Statistic } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { stretches } from "../../state/alerts.ts";
import { store, useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { bottomWords, ends, valueAxis } from "../../charts/axes.ts";
import { levels, warmUp } from "./levels.ts";

/** The epoch under the pointer, in whichever chart it is. */
export const pointed = signal<number | undefined>(undefined);

interface Props {
  layer: string;
  statistic: Statistic;
  epoch: number;
  height: number;
  small: boolean;
}

/** A statistic over epochs, with what its rules compare it with. */
export function StatisticPlot({ layer, statistic, epoch, height, small }: Props) {
  const model = useModel();
  const revision = store.revision.value;
  const { name, scale, label } = statistic;
  const rules = model.watched?.rulesOn(name, layer) ?? [];
  const band = model.watched?.band(name, layer);
  const lines = levels(statistic, rules, band, small);
  const { data, crosses, y, bottom } = useMemo(() => {
    const { epochs, values } = model.health.history(layer, name, model.epochs);
    const y = ends(scale, values, [...lines.map((line) => line.value), ...(band ? [band.low, band.high] : [])]);
    const drawn = values.map((value) => (value == null ? null : scale === "logarithmic" ? Math.max(value, y[0]) : value));
    return {
      data: [epochs, drawn] as uPlot.AlignedData,
      crosses: epochs.filter((_, at) => values[at] === null),
      y,
      bottom: scale === "logarithmic" ? bottomWords(values, y) : undefined,
    };
  }, [model, layer, name, scale, revision]);
  const newest = Math.max(1, model.newestEpoch);
  const current = useMemo(() => ({ epoch, crosses, newest, model, y, bottom }), []);
  Object.assign(current, { epoch, crosses, newest, model, y, bottom });
  const value = model.health.of(layer)?.get(epoch)?.values[name];
  const warm = warmUp(rules);
  const few = newest <= 40;
  useEffect(() => () => void (pointed.value = undefined), []);
  return (
    <Chart
      label={[`${label} of ${layer} over epochs`, `${reading(value, scale)} at ${epochName(epoch)}`, ...lines.map(({ words }) => words)].join("; ")}
      identity={`${layer} ${name} ${warm} ${few} ${JSON.stringify([lines, band])}`}
      height={height}
      data={data}
      redraw={`${epoch} ${newest} ${revision}`}
      onPick={(picked) => go({ epoch: picked })}
      build={() => ({
        legend: { show: false },
        padding: [ALERT_LANE, 10, 0, 0],
        cursor: epochCursor("health"),
        scales: {
          x: epochScale(current),
          y: { distr: scale === "logarithmic" ? 3 : 1, range: () => current.y },
        },
        axes: [
          small ? { ...epochAxis(), label: "", labelSize: 0, size: 22 } : epochAxis(),
          valueAxis(scale, small, () => current.bottom),
        ],
        series: [
          {},
          {
            label,
            stroke: () => colour("ink"),
            width: small ? 1.75 : 2,
            points: { show: few, size: small ? 4 : 5, fill: () => colour("ink") },
          },
        ],
        hooks: {
          setCursor: [
            (plot) => {
              const at = plot.data[0][plot.cursor.idx ?? -1];
              if ((plot.cursor.left ?? -1) < 0) pointed.value = undefined;
              else if (at !== undefined) pointed.value = at;
            },
          ],
          drawAxes: [
            (plot) => {
              if (warm > 0) drawHatch(plot, warm, small ? "" : "not looked at yet");
              if (band !== undefined) drawBand(plot, band.low, band.high);
            },
          ],
          draw: [
            (plot) => {
              const { model, crosses, epoch } = current;
              drawLevels(plot, lines);
              drawCrosses(plot, crosses);
              for (const episode of model.alerts.about(name, layer)) {
                drawAlert(plot, stretches(episode).map(({ severity, ...part }) => ({ ...part, colour: severity })));
              }
              drawEpoch(plot, epoch);
            },
          ],
        },
      })}
    />
  );
}
