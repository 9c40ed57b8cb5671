import type { Statistic } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { reading } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { pointed, StatisticPlot } from "./plot.tsx";
import { SeverityIcon } from "../severity.tsx";

import { latest } from "../../state/alerts.ts";
import { useModel } from "../../state/store.ts";

interface Props {
  layer: string;
  statistic: Statistic;
  epoch: number;
  height: number;
  /** One of many: less is written on it, and its name selects it. */
  small?: boolean;
  selected?: boolean;
}

/** A statistic's chart with its name and its reading. */
export function StatisticFigure({ layer, statistic, epoch, height, small = false, selected = false }: Props) {
  const model = useModel();
  const active = model.alerts.about(statistic.name, layer).find(({ end }) => end === undefined);
  return (
    <figure class={`plot${small ? " multiple" : ""}${selected ? " selected" : ""}`}>
      <figcaption>
        <h3>
          {active && <SeverityIcon severity={latest(active).severity} words={`has an alert: ${latest(active).severity}`} />}
          {small ? (
            <button
              type="button"
              class="link"
              aria-pressed={selected}
              title="Large, with its meaning"
              onClick={() => go({ statistic: selected ? undefined : statistic.name })}
            >
              {statistic.label}
            </button>
          ) : (
            statistic.label
          )}
        </h3>
        <Reading layer={layer} statistic={statistic} epoch={epoch} />
      </figcaption>
      <StatisticPlot layer={layer} statistic={statistic} epoch={epoch} height={height} small={small} />
    </figure>
  );
}

/** The reading at the epoch under the pointer, otherwise at the selected one. */
function Reading({ layer, statistic, epoch }: Pick<Props, "layer" | "statistic" | "epoch">) {
  const model = useModel();
  const at = pointed.value ?? epoch;
  const record = model.health.of(layer)?.get(at);
  const value = record?.values[statistic.name];
  return (
    <b class="reading" title={epochName(at)}>
      {record === undefined ? "no record" : value === undefined ? "not known" : reading(value, statistic.scale)}
      {at !== epoch && <small> {at === 0 ? "untrained" : `epoch ${at}`}</small>}
    </b>
  );
}
