import { useEffect, useRef } from "preact/hooks";
import { target } from "../../navigation/alerts.ts";
import { go } from "../../navigation/navigate.ts";
import { latest, latestBad, shownSeverity, type Episode } from "../../state/alerts.ts";
import type { Model } from "../../state/model.ts";
import { useModel } from "../../state/store.ts";
import { count } from "../../state/value.ts";
import { Link } from "../link.tsx";
import { SeverityTag } from "../severity.tsx";
import { SilenceButton, SilencedTag } from "./silence.tsx";
import { when } from "./words.ts";

interface Props {
  episode: Episode;
  selected: boolean;
}

/** An alert in full: what was read, what it means, what to try, and the way to what it is about. */
export function AlertCard({ episode, selected }: Props) {
  const model = useModel();
  const card = useRef<HTMLLIElement>(null);
  const over = episode.end !== undefined;
  const alert = latestBad(episode);
  const rule = model.watched?.rule(episode.rule);
  const to = target(model, episode);
  const statistic = model.watched?.statistic(episode.metric);
  useEffect(() => {
    if (selected) card.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <li
      ref={card}
      class={`alert-card ${over ? "over" : alert.severity}${!over && model.alerts.isSilenced(episode) ? " quiet" : ""}${selected ? " selected" : ""}`}
      aria-current={selected ? "true" : undefined}
      onClick={(event) => {
        if (!(event.target as Element).closest("a, button, summary, .refused")) go({ alert: episode.id });
      }}
    >
      <div class="what">
        <div class="line">
          <SeverityTag severity={shownSeverity(episode)} />
          <SilencedTag episode={episode} />
          <h3>
            <Link to={to}>{alert.title}</Link>
          </h3>
        </div>
        <p>
          {latest(episode).message}{" "}
          <span class="where">({statistic === undefined ? episode.metric : episode.layer === null ? statistic.label : `${statistic.label} of ${episode.layer}`})</span>
        </p>
        {alert.hints.length > 0 && (
          <ul class="hints">
            {alert.hints.map((hint) => (
              <li key={hint}>{hint}</li>
            ))}
          </ul>
        )}
        {rule !== undefined && (
          <details open={selected && !over}>
            <summary>What it means and what to try</summary>
            <p>{rule.meaning}</p>
            <div class="advice">
              <Points title="Usual causes" points={rule.causes} />
              <Points title="What to try" points={rule.advice} />
            </div>
          </details>
        )}
      </div>
      <p class="when">{when(model, episode)}</p>
      <p class="actions">
        {to.view !== "alerts" && (
          <Link to={to} class="plain">
            {places(model, episode, to.view)}
          </Link>
        )}
        {to.view === "filters" && (
          <Link to={{ ...to, view: "health", map: undefined }} class="plain">
            History of the reading
          </Link>
        )}
        {!over && <SilenceButton episode={episode} />}
      </p>
    </li>
  );
}

function places(model: Model, episode: Episode, view: string): string {
  if (view === "training") return "Show the metrics";
  const units = latestBad(episode).units.length;
  if (view === "filters") return units > 0 ? `Show the ${count(units, "filter")}` : "Show the filters";
  const maps = model.watched?.statistic(episode.metric)?.subject === "maps";
  return units > 0 && maps ? `Show the ${count(units, "map")} and the reading` : "Show the reading";
}

function Points({ title, points }: { title: string; points: readonly string[] }) {
  if (points.length === 0) return null;
  return (
    <div>
      <h4>{title}</h4>
      <ul>
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
    </div>
  );
}
