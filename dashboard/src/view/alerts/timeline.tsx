import { useState } from "preact/hooks";
import { SEVERITIES, shownSeverity, type Episode } from "../../state/alerts.ts";
import type { Model } from "../../state/model.ts";
import { useModel } from "../../state/store.ts";

import { EpochTicks, place, type Span } from "../epochs.tsx";
import { SeverityIcon } from "../severity.tsx";
import { Bar } from "./bar.tsx";
import { sentence, subjectOf } from "./words.ts";

/** All alerts of a rule on a layer, on a metric of the training, or on the network. */
interface Row {
  rule: string;
  layer: string | null;
  subject: string;
  episodes: Episode[];
}

/** All alerts over the epochs: a row for each rule and layer, a bar from raised to over. */
export function Timeline({ selected }: { selected: string | undefined }) {
  const model = useModel();
  const [pointed, setPointed] = useState<Episode | undefined>(undefined);
  const span: Span = { first: 0, last: Math.max(1, model.newestEpoch) };
  const subject = pointed ?? model.alerts.episodes.find(({ id }) => id === selected);
  return (
    <section class="timeline" aria-label="Timeline of alerts">
      <h2>
        Timeline
        <span class="bar-key" aria-hidden="true">
          {SEVERITIES.toReversed().map((severity) => (
            <span key={severity}>
              <i class={`segment ${severity}`} /> {severity}
            </span>
          ))}
          <span>
            <i class="unwatched hatch" /> not looked at yet
          </span>
        </span>
      </h2>
      <div class="rows">
        {rowsOf(model).map(({ rule, subject: about, episodes }) => {
          const watched = model.watched?.rule(rule);
          return (
            <div class="timeline-row" key={`${rule} ${about}`}>
              <div class="name">
                <b>{about}</b> <span class="rule-title">{watched?.title ?? rule}</span>
              </div>
              <div class="track">
                {watched !== undefined && watched.warm_up > 0 && (
                  <i class="unwatched hatch" style={{ width: `${place(span, watched.warm_up + 1)}%` }} />
                )}
                {episodes.map((episode) => (
                  <Bar
                    key={episode.id}
                   
                    episode={episode}
                    span={span}
                    selected={episode.id === selected}
                    onPoint={setPointed}
                  />
                ))}
              </div>
            </div>
          );
        })}
        <div class="timeline-row axis">
          <div class="name">epoch</div>
          <EpochTicks span={span} />
        </div>
      </div>
      <p class="pointed">
        {subject === undefined ? (
          "Point at a bar to read it; click to select the alert."
        ) : (
          <>
            <SeverityIcon severity={shownSeverity(subject)} /> {sentence(model, subject)}
          </>
        )}
      </p>
    </section>
  );
}

/** The training first, then the layers as the network computes them, each with its rules in the order of the watchlist. */
function rowsOf(model: Model): Row[] {
  const rows = new Map<string, Row>();
  for (const episode of model.alerts.episodes) {
    const { rule, layer } = episode;
    const subject = subjectOf(model, episode);
    const row = rows.get(`${subject} ${rule}`);
    if (row === undefined) rows.set(`${subject} ${rule}`, { rule, layer, subject, episodes: [episode] });
    else row.episodes.push(episode);
  }
  const layers = (model.run?.layers ?? []).map(({ name }) => name);
  const rules = (model.watched?.rules ?? []).map(({ id }) => id);
  const rank = ({ rule, layer }: Row): number => (layer === null ? -1 : layers.indexOf(layer)) * 1000 + rules.indexOf(rule);
  return [...rows.values()].sort((a, b) => rank(a) - rank(b));
}
