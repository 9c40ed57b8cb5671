import { useEffect, useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { ends, valueAxis, type Ends } from "../../charts/axes.ts";
import { Chart, drawEpoch, epochAxis, epochCursor, epochScale } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import { lonely } from "../../charts/lonely.ts";
import { drawLevels } from "../../charts/marks.ts";
import { go } from "../../navigation/navigate.ts";
import type { LayerDistributions, Percentiles } from "../../state/distributions.ts";
import { store, useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { readingWords, type ReadingWords } from "../maps/readings.ts";
import { pointedEpoch } from "./epoch.ts";

interface Props {
  layer: string;
  name: string;
  epoch: number;
}

/** How a reading is distributed over the live maps of a layer, epoch by epoch. */
export function DistributionFigure({ layer, name, epoch }: Props) {
  const model = useModel();
  const history = model.distributions.of(layer);
  if (history === undefined) return null;
  const words = readingWords(name) ?? { label: name, meaning: "", scale: "linear" };
  const at = pointedEpoch.value ?? epoch;
  const now = history.at(name, at);
  return (
    <figure class="plot multiple distribution">
      <figcaption>
        <h3>{words.label}</h3>
        <b class="reading">
          {now == null ? "–" : reading(now[2], words.scale)} <small>{at === 0 ? "untrained" : `epoch ${at}`}</small>
        </b>
        <span>{words.meaning}</span>
      </figcaption>
      <Bands layer={layer} name={name} words={words} history={history} epoch={epoch} />
    </figure>
  );
}

interface BandProps extends Props {
  words: ReadingWords;
  history: LayerDistributions;
}

function Bands({ layer, name, words, history, epoch }: BandProps) {
  const model = useModel();
  const revision = store.revision.value;
  const { scale, label, noise } = words;
  const { data, y } = useMemo(() => {
    const broken = model.epochs.states.epochs.filter((each) => model.epochs.isBroken(each) && history.at(name, each) === undefined);
    const epochs = [...history.epochs, ...broken].sort((a, b) => a - b);
    const rows = epochs.map((each) => history.at(name, each));
    const columns = [0, 1, 2, 3, 4].map((part) => rows.map((row: Percentiles | null | undefined) => row?.[part] ?? null));
    const y: Ends = scale === "linear" ? zeroed(ends(scale, columns.flat(), noise === undefined ? [] : [noise])) : ends(scale, [], []);
    return { data: [epochs, ...columns] as uPlot.AlignedData, y };
  }, [model, history, name, scale, revision]);
  const newest = Math.max(1, model.newestEpoch);
  const current = useMemo(() => ({ epoch, newest, y }), []);
  Object.assign(current, { epoch, newest, y });
  useEffect(() => () => void (pointedEpoch.value = undefined), []);
  const now = history.at(name, epoch);
  const edge = (): uPlot.Series => ({ stroke: "transparent", width: 0, points: { show: false } });
  const few = newest <= 40;
  return (
    <Chart
      label={`${label} of the live maps of ${layer} over epochs; median ${now == null ? "unknown" : reading(now[2], scale)} at ${epochName(epoch)}`}
      identity={`${layer} ${name} ${few}`}
      height={150}
      data={data}
      redraw={`${epoch} ${newest} ${revision}`}
      onPick={(picked) => go({ epoch: picked })}
      build={() => ({
        legend: { show: false },
        padding: [6, 10, 0, 0],
        cursor: epochCursor("distributions"),
        scales: { x: epochScale(current), y: { range: () => current.y } },
        axes: [{ ...epochAxis(), label: "", labelSize: 0, size: 22 }, valueAxis(scale, true, () => undefined)],
        series: [
          {},
          edge(),
          edge(),
          { label: "median", stroke: () => colour("ink"), width: 1.75, points: { show: few, filter: (plot, at, show) => (show ? null : lonely(plot, at)), size: 4, fill: () => colour("ink") } },
          edge(),
          edge(),
        ],
        bands: [
          { series: [5, 1], fill: () => colour("train", 0.16) },
          { series: [4, 2], fill: () => colour("train", 0.34) },
        ],
        hooks: {
          setCursor: [
            (plot) => {
              const at = plot.data[0][plot.cursor.idx ?? -1];
              if ((plot.cursor.left ?? -1) < 0) pointedEpoch.value = undefined;
              else if (at !== undefined) pointedEpoch.value = at;
            },
          ],
          draw: [
            (plot) => {
              if (noise !== undefined) drawLevels(plot, [{ value: noise, words: `noise: ${reading(noise, scale)}`, colour: "noise", dash: [5, 4] }]);
              drawEpoch(plot, current.epoch);
            },
          ],
        },
      })}
    />
  );
}

/** Readings that are never negative are drawn from zero. */
function zeroed([, high]: Ends): Ends {
  return [0, high];
}
