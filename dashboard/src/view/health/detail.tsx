import type { Layer, Statistic } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { shownSeverity } from "../../state/alerts.ts";
import { found } from "../../state/found.ts";
import { useModel } from "../../state/store.ts";
import { count } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { Link } from "../link.tsx";
import { SeverityTag } from "../severity.tsx";
import { About } from "./about.tsx";
import { StatisticFigure } from "./figure.tsx";

interface Props {
  layer: Layer;
  statistic: Statistic;
  epoch: number;
}

/** One statistic of a layer: its history, its meaning, its alerts, and what it found. */
export function Detail({ layer, statistic, epoch }: Props) {
  const model = useModel();
  const episodes = model.alerts.about(statistic.name, layer.name);
  return (
    <section class="detail" aria-label={statistic.label}>
      <StatisticFigure layer={layer.name} statistic={statistic} epoch={epoch} height={250} />
      <div class="words">
        <p class="actions">
          <button type="button" class="plain" onClick={() => go({ across: true })}>
            Compare with other layers
          </button>
          <button type="button" class="plain" onClick={() => go({ statistic: undefined })}>
            Close
          </button>
        </p>
        <Units layer={layer} statistic={statistic} epoch={epoch} />
        {episodes.toReversed().map((episode) => (
          <p key={episode.id}>
            <SeverityTag severity={shownSeverity(episode)} />{" "}
            <Link to={{ view: "alerts", alert: episode.id }}>
              {episode.end === undefined
                ? `alert since epoch ${episode.since}`
                : `alert from epoch ${episode.since}, over in epoch ${episode.end}`}
            </Link>
          </p>
        ))}
        <About layer={layer.name} statistic={statistic} />
      </div>
    </section>
  );
}

const LISTED = 60;

/** The filters or maps that the statistic found in the selected epoch. */
function Units({ layer, statistic, epoch }: Props) {
  const model = useModel();
  const units = found(model, layer.name, epoch, statistic.name);
  if (units.length === 0) return null;
  const filters = statistic.subject === "filters";
  return (
    <div class="units">
      <p>
        <b>{count(units.length, filters ? "filter" : "map")}</b> found at {epochName(epoch)}:
      </p>
      <ul>
        {units.slice(0, LISTED).map((unit) => (
          <li key={unit}>
            {filters ? (
              <Link to={{ view: "filters", layer: layer.name, map: unit, only: undefined }}>{unit}</Link>
            ) : layer.followed.includes(unit) ? (
              <Link to={{ view: "evolution", layer: layer.name, map: unit, rows: "followed" }}>{unit}</Link>
            ) : (
              <span title="not among the maps that are followed in Evolution">{unit}</span>
            )}
          </li>
        ))}
        {units.length > LISTED && <li>and {units.length - LISTED} more</li>}
      </ul>
      {filters && <Link to={{ view: "filters", layer: layer.name, only: "found" }}>Show these filters</Link>}
    </div>
  );
}
