import { useMemo, useState } from "preact/hooks";
import type { Statistic } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { wide, zoom } from "../../navigation/preferences.ts";
import { select } from "../../navigation/selection.ts";
import { found } from "../../state/found.ts";
import type { Model } from "../../state/model.ts";
import { useModel } from "../../state/store.ts";
import { sentence } from "../../state/value.ts";
import { Layers } from "../layers.tsx";
import { Link } from "../link.tsx";
import { Notice } from "../notice.tsx";
import { FoundStrip } from "../found.tsx";
import { StatisticFigure } from "../health/figure.tsx";
import { statisticsOf } from "../health/groups.ts";
import { Pending, useInspecting } from "../pending.tsx";
import { Transport } from "../transport.tsx";
import { Wall } from "../maps/wall.tsx";
import { ZoomSlider } from "../zoom.tsx";
import { arrange } from "./arrange.ts";
import { Chips, shownFilters } from "./chips.tsx";
import { FilterExplanation, PictureWords } from "./explanation.tsx";
import { StateLegend } from "./legend.tsx";
import { filterMeaning } from "./meaning.ts";
import { QChart } from "./q.tsx";
import { Readout } from "./readout.tsx";
import { FilterTile } from "./tile.tsx";

/** The filters of a convolution, and what is to be said of each. */
export function Filters() {
  const model = useModel();
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  const { map: chosen, only, statistic: wanted } = route.value;
  const history = layer && model.filters.of(layer.name);
  const record = epoch === undefined ? undefined : history?.get(epoch);
  const meaning = useMemo(() => record && filterMeaning(record), [record]);
  const subject = pointed ?? chosen;
  const statistics = layer === undefined ? [] : statisticsOf(model, layer.name, "filters").shown;
  const statistic = statistics.find(({ name }) => name === wanted);
  const ringed = layer && statistic && epoch !== undefined ? found(model, layer.name, epoch, statistic.name) : [];
  const shown = record === undefined ? [] : shownFilters(record, ringed, only);
  const inspecting = useInspecting();
  const plotted = statistic ?? (layer && telling(model, layer.name, statistics));
  return (
    <div class="view filters">
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="filters" selection={selection} />
        <StateLegend record={record} />
      </aside>
      <section class="stage" aria-label="Filters by epoch">
        <div class="tools">
          <Transport selection={selection} />
          <ZoomSlider />
        </div>
        <FilterExplanation />
        {layer === undefined ? (
          <Notice title="This model has no convolution whose filters can be shown" />
        ) : layer.shares_weights_with !== undefined ? (
          <Notice title={`The filters of ${layer.name} are those of ${layer.shares_weights_with}`}>
            Both compute with the same weights, which are read and judged once.{" "}
            <Link to={{ view: "filters", layer: layer.shares_weights_with }}>Show the filters of {layer.shares_weights_with}</Link>
          </Notice>
        ) : record === undefined && layer.no_filters !== undefined ? (
          <Notice title={`The filters of ${layer.name} are not judged`}>{sentence(layer.no_filters)}</Notice>
        ) : record === undefined || history === undefined || epoch === undefined ? (
          <Pending title={`Waiting for the filters of ${layer.name}`}>
            {inspecting ? "They come first." : "The first ones are those of the untrained network."}
          </Pending>
        ) : (
          <div class="columns">
            <div class="left">
              {statistic !== undefined && (
                <FoundStrip layer={layer.name} epoch={epoch} statistic={statistic} units={ringed} />
              )}
              <PictureWords picture={record.picture} name={layer.name} />
              <Chips record={record} ringed={ringed} only={only} />
              {shown.length === 0 && (
                <p class="empty">
                  No filter of this layer is shown at this epoch.{" "}
                  <button type="button" class="link" onClick={() => go({ only: undefined })}>
                    Show all
                  </button>
                </p>
              )}
              <Wall
                key={layer.name}
                label={`Filters of ${layer.name}`}
                shown={shown}
                chosen={chosen}
                measure={(width) => arrange(record.readings.count, record.atlas, width, zoom.value * (wide.value ? 1.3 : 1))}
                render={(filter, { tile }) => (
                  <FilterTile
                    atlas={record.atlas}
                    filter={filter}
                    state={record.readings.state(filter)}
                    size={tile}
                    meaning={meaning!}
                    chosen={filter === chosen}
                    ringed={ringed.includes(filter)}
                  />
                )}
                onPoint={setPointed}
                onChoose={(filter) => go({ map: filter === chosen ? undefined : filter })}
              />
              <Readout layer={layer.name} record={record} filter={subject} />
              {record.test.caution !== null && <p class="caution">{record.test.caution}</p>}
            </div>
            <div class="right">
              {plotted !== undefined && (
                <StatisticFigure layer={layer.name} statistic={plotted} epoch={epoch} height={190} />
              )}
              <QChart model={model} history={history} record={record} epoch={epoch} chosen={subject} name={layer.name} />
            </div>
          </div>
        )}
      </section>
    </div>
  );
}

/** The statistic that says most without being asked for: one with an alert, or that is watched and known for random weights. */
function telling(model: Model, layer: string, statistics: readonly Statistic[]): Statistic | undefined {
  const { alerts, watched } = model;
  const alarmed = ({ name }: Statistic): boolean => alerts.about(name, layer).some(({ end }) => end === undefined);
  const compared = ({ name }: Statistic): boolean =>
    watched?.band(name, layer) !== undefined && watched.rulesOn(name, layer).length > 0;
  return statistics.find(alarmed) ?? statistics.find(compared) ?? statistics[0];
}
