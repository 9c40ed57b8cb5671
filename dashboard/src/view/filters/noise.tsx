import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { axis, Chart, drawEpoch, snap, drawLevel, epochAxis } from "../../charts/chart.tsx";
import { colour } from "../../charts/colours.ts";
import { go } from "../../navigation/navigate.ts";
import type { LayerFilterHistory } from "../../state/filters.ts";
import { store } from "../../state/store.ts";

interface Props {
  history: LayerFilterHistory;
  epoch: number;
  name: string;
}

const ALERT = 0.5;
const RANDOM = 0.95;

/** φ over epochs. */
export function NoiseChart({ history, epoch, name }: Props) {
  const revision = store.revision.value;
  const data = useMemo<uPlot.AlignedData>(
    () => [history.byEpoch.epochs.slice(), history.noiseShare.slice()],
    [history, revision],
  );
  const current = useMemo(() => ({ epoch }), []);
  current.epoch = epoch;
  const share = history.noiseShare[history.byEpoch.position(epoch)];
  return (
    <figure class="plot">
      <figcaption>
        <h3>Noise share φ</h3>
        <span>share of live filters that cannot be told from noise</span>
        <b class="reading">{share == null ? "test not applicable" : `${Math.round(share * 100)} %`}</b>
      </figcaption>
      <Chart
        label={`Noise share of ${name} over epochs; ${share == null ? "not applicable" : share.toFixed(2)} at epoch ${epoch}`}
        identity={name}
        height={190}
        data={data}
        redraw={epoch}
        onPick={(picked) => go({ epoch: picked })}
        build={() => ({
          legend: { show: false },
          cursor: { move: snap, y: false, points: { size: 6 } },
          scales: { x: { time: false }, y: { range: [0, 1.04] } },
          axes: [epochAxis(), axis("φ", { size: 40, splits: () => [0, 0.25, 0.5, 0.75, 1] })],
          series: [
            {},
            { label: "φ", stroke: () => colour("noise"), width: 2, points: { size: 5, fill: () => colour("noise") } },
          ],
          hooks: {
            drawAxes: [
              (plot) => {
                drawLevel(plot, ALERT, "alert from 0.5", "ink-3");
                drawLevel(plot, RANDOM, "random weights: 0.95", "ink-3");
                drawEpoch(plot, current.epoch);
              },
            ],
          },
        })}
      />
    </figure>
  );
}
