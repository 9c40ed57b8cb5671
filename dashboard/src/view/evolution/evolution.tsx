import { route } from "../../navigation/navigate.ts";
import type { Layer } from "../../generated/protocol.ts";
import { LARGEST_TILE, SMALLEST_TILE, tileSize } from "../../navigation/preferences.ts";
import { select, type Selection } from "../../navigation/selection.ts";
import { found } from "../../state/found.ts";
import { useModel } from "../../state/store.ts";
import { FoundStrip } from "../found.tsx";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Pending } from "../pending.tsx";
import { Transport } from "../transport.tsx";
import { ClockStrip } from "./clock.tsx";
import { Explanation } from "./explanation.tsx";
import { Film } from "./film.tsx";
import { Grid } from "./grid.tsx";
import { Inspector } from "./inspector.tsx";
import { Legend } from "./legend.tsx";
import { Pair } from "./pair.tsx";
import { Strongest } from "./strongest.tsx";
import { RowsToggle, ShowToggle } from "./toggles.tsx";

/** What each layer's feature maps respond to, epoch by epoch. */
export function Evolution() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer } = selection;
  // The film shows all of its map by itself.
  const film = route.value.show === "film";
  const statistic = model.watched?.statistic(route.value.statistic);
  return (
    <div class={`view evolution${film ? " of-one" : ""}`}>
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="evolution" selection={selection} />
        <Legend />
      </aside>
      <section class="stage" aria-label="Pictures by epoch">
        <div class="tools">
          <ShowToggle />
          <Transport selection={selection} />
        </div>
        <div class="under-tools">
          <Explanation />
          {!film && <RowsToggle />}
          <SizeSlider />
        </div>
        {layer !== undefined && selection.epoch !== undefined && <ClockStrip layer={layer.name} epoch={selection.epoch} />}
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
            spyhole cannot compute. Nothing is shown rather than something wrong, here and for all layers behind it.
          </Notice>
        ) : selection.epoch === undefined ? (
          <Pending />
        ) : (
          <Pictures layer={layer} epoch={selection.epoch} selection={selection} />
        )}
      </section>
      {layer !== undefined && !film && <Inspector model={model} layer={layer} selection={selection} />}
    </div>
  );
}

function Pictures({ layer, epoch, selection }: { layer: Layer; epoch: number; selection: Selection }) {
  const model = useModel();
  const { show, rows } = route.value;
  if (show === "film") return <Film key={layer.name} layer={layer} epoch={epoch} selection={selection} />;
  if (show === "pair") return <Pair layer={layer} epoch={epoch} />;
  if (rows === "strongest") return <Strongest layer={layer} epoch={epoch} />;
  return <Grid key={layer.name} model={model} layer={layer} selection={selection} maps={layer.followed} size={tileSize.value} />;
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
