import { route, go } from "../../navigation/navigate.ts";
import { LARGEST_TILE, SMALLEST_TILE, tileSize } from "../../navigation/preferences.ts";
import { select } from "../../navigation/selection.ts";
import { found } from "../../state/found.ts";
import { useModel } from "../../state/store.ts";
import { FoundStrip } from "../found.tsx";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Transport } from "../transport.tsx";
import { Explanation } from "./explanation.tsx";
import { Grid } from "./grid.tsx";
import { Inspector } from "./inspector.tsx";
import { Legend } from "./legend.tsx";
import { Strongest } from "./strongest.tsx";

/** What each layer's feature maps respond to, epoch by epoch. */
export function Evolution() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer } = selection;
  const statistic = model.watched?.statistic(route.value.statistic);
  return (
    <div class="view evolution">
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="evolution" selection={selection} />
        <Legend />
      </aside>
      <section class="stage" aria-label="Pictures by epoch">
        <div class="tools">
          <RowsToggle />
          <Transport selection={selection} />
        </div>
        <div class="under-tools">
          <Explanation />
          <SizeSlider />
        </div>
        {layer !== undefined && selection.epoch !== undefined && statistic !== undefined && (
          <FoundStrip
            layer={layer.name}
            epoch={selection.epoch}
            statistic={statistic}
            units={found(model, layer.name, selection.epoch, statistic.name)}
            followed
          />
        )}
        {layer === undefined ? (
          <Notice title="This model has no convolution that can be watched" />
        ) : layer.status.status === "unsupported" ? (
          <Notice title={`unsupported: ${layer.status.operation}`}>
            Between the input and <code>{layer.name}</code> the network uses <code>{layer.status.operation}</code>, which
            cannot be projected back to pixels. Nothing is shown rather than something wrong; the other layers work.
          </Notice>
        ) : selection.epoch === undefined ? (
          <Notice title="The untrained network is being analysed" busy>
            The first pictures appear in a moment.
          </Notice>
        ) : route.value.rows === "followed" ? (
          <Grid key={layer.name} model={model} layer={layer} selection={selection} />
        ) : (
          <Strongest layer={layer} epoch={selection.epoch} />
        )}
      </section>
      {layer !== undefined && <Inspector model={model} layer={layer} selection={selection} />}
    </div>
  );
}

function RowsToggle() {
  const { rows } = route.value;
  return (
    <div class="segments" role="group" aria-label="Rows">
      <button
        type="button"
        aria-pressed={rows === "followed"}
        title="The same feature maps in every epoch (r)"
        onClick={() => go({ rows: "followed" })}
      >
        Followed maps
      </button>
      <button
        type="button"
        aria-pressed={rows === "strongest"}
        title="The strongest feature maps of the selected epoch (r)"
        onClick={() => go({ rows: "strongest" })}
      >
        Strongest
      </button>
    </div>
  );
}

function SizeSlider() {
  return (
    <label class="size">
      <span>Size</span>
      <input
        type="range"
        min={SMALLEST_TILE}
        max={LARGEST_TILE}
        step={4}
        value={tileSize.value}
        onInput={({ currentTarget }) => (tileSize.value = Number(currentTarget.value))}
      />
    </label>
  );
}
