import { go, route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { useModel } from "../../state/store.ts";
import { list } from "../../state/value.ts";
import { gapWords } from "../evolution/gap.ts";
import { Notice } from "../notice.tsx";
import { Pending } from "../pending.tsx";
import { Transport } from "../transport.tsx";
import { Clock } from "./clock.tsx";
import { SettlingExplanation } from "./explanation.tsx";
import { LayerFigure } from "./figure.tsx";
import { MarksKey } from "./key.tsx";
import { QUANTITIES, quantityOf } from "./quantities.ts";
import { Readout } from "./readout.tsx";
import { Statement } from "./statement.tsx";

/** Which layers still change, and when the others settled. */
export function Settling() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  const quantity = quantityOf(route.value.quantity);
  const analysed = model.epochs.states.values.some(({ kind }) => kind === "analysed");
  return (
    <div class="view settling">
      <section class="stage" aria-label="Layers by epoch">
        <div class="tools">
          <QuantityPicker />
          <Transport selection={selection} />
        </div>
        <SettlingExplanation />
        {layer === undefined ? (
          <Notice title="This model has no layer that can be watched" />
        ) : model.changes.any ? (
          <>
            <Statement />
            <Clock layer={layer.name} epoch={epoch ?? 0} quantity={quantity} />
            <MarksKey quantity={quantity} />
            <Unread />
            <div class="of-layer">
              <LayerFigure layer={layer.name} epoch={epoch ?? 0} quantity={quantity} />
              <Readout layer={layer.name} epoch={epoch ?? 0} />
            </div>
          </>
        ) : analysed ? (
          <Notice title="This run does not say which layers have settled">
            How layers change: {gapWords(model, layer.name, epoch ?? 0, "layer_evolution")}. How single maps changed can be seen in
            Evolution.
          </Notice>
        ) : (
          <Pending />
        )}
      </section>
    </div>
  );
}

function QuantityPicker() {
  const quantity = quantityOf(route.value.quantity);
  return (
    <label class="picker">
      <span>Show</span>
      <select
        value={quantity.id}
        title={quantity.meaning}
        onChange={({ currentTarget }) => go({ quantity: currentTarget.value === QUANTITIES[0]!.id ? undefined : currentTarget.value })}
      >
        {QUANTITIES.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Names the layers that have no row. */
function Unread() {
  const model = useModel();
  const unread = (model.run?.layers ?? []).filter(({ name }) => model.changes.of(name) === undefined);
  if (unread.length === 0) return null;
  const words = unread.map(({ name, status }) => (status.status === "unsupported" ? `${name} (unsupported: ${status.operation})` : name));
  return <p class="note">Without a row, because nothing was read of them: {list(words)}.</p>;
}
