import type { Statistic } from "../generated/protocol.ts";
import { target } from "../navigation/alerts.ts";
import { go } from "../navigation/navigate.ts";
import { latestBad } from "../state/alerts.ts";
import { useModel } from "../state/store.ts";
import { count } from "../state/value.ts";
import { epochName } from "../state/words.ts";
import { Link } from "./link.tsx";
import { SeverityTag } from "./severity.tsx";

interface Props {
  layer: string;
  epoch: number;
  statistic: Statistic;
  /** The filters or maps that it found. */
  units: readonly number[];
  /** Only some of the units are shown here: those that are followed. */
  followed?: boolean;
}

/** Says why filters have a ring: what the selected statistic found, and the alert about it. */
export function FoundStrip({ layer, epoch, statistic, units, followed = false }: Props) {
  const model = useModel();
  const episode = model.alerts
    .about(statistic.name, layer)
    .findLast(({ since, end }) => since <= epoch && (end === undefined || epoch < end));
  const what = statistic.subject === "filters" ? "filter" : "map";
  return (
    <div class={`found-strip${episode ? ` ${latestBad(episode).severity}` : ""}`}>
      {episode !== undefined && (
        <p>
          <SeverityTag severity={latestBad(episode).severity} /> <b>{latestBad(episode).title}</b>{" "}
          <Link to={{ ...target(model, episode), view: "alerts", alert: episode.id }}>alert</Link>{" "}
          <Link to={{ view: "health", layer, statistic: statistic.name, only: undefined }}>history</Link>
        </p>
      )}
      <p>
        <b>{statistic.label}</b> at {epochName(epoch)}:{" "}
        {units.length === 0
          ? `found no ${what} of ${layer}`
          : followed
            ? `${count(units.length, what)}; those that are followed have a ring`
            : `the ${count(units.length, what)} with a ring`}
        .{" "}
        <button type="button" class="link" onClick={() => go({ statistic: undefined, only: undefined })}>
          no rings
        </button>
      </p>
    </div>
  );
}
