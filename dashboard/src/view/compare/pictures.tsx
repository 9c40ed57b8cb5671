import type { ComponentChildren } from "preact";
import type { Atlas, Layer } from "../../generated/protocol.ts";
import type { Histories } from "../../history/histories.ts";
import { nearest } from "../../navigation/selection.ts";
import { IMAGE, projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { inRun } from "../../source/current.ts";
import type { BulkKind } from "../../state/model.ts";
import type { EpochSeries } from "../../state/series.ts";
import { epochName } from "../../state/words.ts";
import { StateBadge } from "../filters/badge.tsx";
import { filterMeaning } from "../filters/meaning.ts";
import { STATES } from "../filters/states.ts";
import { Link } from "../link.tsx";
import { RunMark } from "./mark.tsx";
import type { Compared } from "./runs.ts";

/** More filters of a run are not drawn: their view shows all. */
const MOST_FILTERS = 64;

interface Props {
  runs: readonly Compared[];
  layer: string;
  /** Undefined: each run's newest. */
  epoch: number | undefined;
}

/** The same layer's filters in each run, each filter in the same place. */
export function ComparedFilters({ runs, layer, epoch }: Props) {
  return (
    <section class="compare-part" aria-labelledby="filters-title">
      <h2 id="filters-title">Filters of {layer}</h2>
      <div class="side-by-side">
        {runs.map((compared) => (
          <Side key={compared.key} compared={compared} layer={layer} epoch={epoch} kind="layer_filters" of={({ filters }) => filters.of(layer)}>
            {(filters) => {
              const { atlas, readings } = filters;
              const meaning = filterMeaning(filters);
              const shown = Math.min(readings.count, MOST_FILTERS);
              return (
                <>
                  <ul class="compared-filters">
                    {Array.from({ length: shown }, (_, filter) => {
                      const state = readings.state(filter);
                      return (
                        <li key={filter} class={`filter ${state}`} title={`filter ${filter}: ${STATES[state].name}`}>
                          <Tile atlas={here(compared, atlas)} index={filter} size={44} meaning={meaning} label={`filter ${filter}: ${STATES[state].name}`} />
                          <span class="tag">
                            <StateBadge state={state} />
                            {filter}
                          </span>
                        </li>
                      );
                    })}
                  </ul>
                  {readings.count > shown && (
                    <p class="note">
                      The first {shown} of {readings.count}.{" "}
                      <Link to={{ run: compared.key, view: "filters", layer, epoch }}>All filters of this run</Link>
                    </p>
                  )}
                </>
              );
            }}
          </Side>
        ))}
      </div>
    </section>
  );
}

/** The same followed maps in each run: what excites them most, and what of it does. */
export function ComparedMaps({ runs, layer, epoch }: Props) {
  return (
    <section class="compare-part" aria-labelledby="maps-title">
      <h2 id="maps-title">Followed maps of {layer}</h2>
      <div class="side-by-side">
        {runs.map((compared) => (
          <Side key={compared.key} compared={compared} layer={layer} epoch={epoch} kind="layer_features" of={({ features }) => features.of(layer)}>
            {({ followed, atlas }) => (
              <ul class="compared-maps">
                {followed.all().map((unit) => (
                  <li key={unit.map}>
                    <span>map {unit.map}</span>
                    {unit.patch === null || unit.projection === null ? (
                      <small>could not be projected</small>
                    ) : (
                      <>
                        <Tile atlas={here(compared, atlas)} index={unit.patch} size={52} meaning={IMAGE} label={`map ${unit.map}: image patch`} />
                        <Tile atlas={here(compared, atlas)} index={unit.projection} size={52} meaning={projectionMeaning(unit.projection_scale)} label={`map ${unit.map}: projection`} />
                      </>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </Side>
        ))}
      </div>
    </section>
  );
}

function here({ key }: Compared, atlas: Atlas): Atlas {
  return { ...atlas, image: inRun(key, atlas.image) };
}

interface SideProps<T> {
  compared: Compared;
  layer: string;
  epoch: number | undefined;
  kind: BulkKind;
  of: (model: Compared["run"]["model"]) => EpochSeries<T> | undefined;
  children: (value: T) => ComponentChildren;
}

/** One run's side: the nearest epoch that it has, or why there is nothing. */
function Side<T>({ compared, layer, epoch, kind, of, children }: SideProps<T>) {
  const { run, histories } = compared;
  const series = of(run.model);
  const known = run.model.run?.layers.find(({ name }) => name === layer);
  const reading = epoch !== undefined && isReading(histories, kind, layer);
  const at = epoch === undefined ? series?.epochs.at(-1) : nearest(series?.epochs ?? [], epoch);
  const value = at === undefined ? undefined : series?.get(at);
  const exact = epoch === undefined || at === epoch;
  return (
    <div class="compared-side">
      <h3>
        <RunMark run={compared} />
        {value !== undefined && !(reading && !exact) && (
          <small class={exact ? "" : "nearest"}>
            {epochName(at!)}
            {!exact && `: ${epochName(epoch)} was not recorded, this is the nearest`}
          </small>
        )}
      </h3>
      {run.model.run === undefined ? (
        <p class="note">The run is being read.</p>
      ) : known === undefined ? (
        <p class="note">This run has no layer of this name.</p>
      ) : reading && !exact ? (
        <p class="note">{epochName(epoch)} is being read.</p>
      ) : value === undefined ? (
        <p class="note">{whyNothing(known)}</p>
      ) : (
        children(value)
      )}
    </div>
  );
}

function isReading(histories: Histories, kind: BulkKind, layer: string): boolean {
  void histories.progress.value;
  return histories.standing({ kind, layer }).state === "reading";
}

function whyNothing({ status }: Layer): string {
  return status.status === "unsupported" ? `Unsupported: ${status.operation}.` : "Nothing was recorded of it.";
}
