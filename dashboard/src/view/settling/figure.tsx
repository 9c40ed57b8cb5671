import { useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { LayerChart } from "./chart.tsx";
import { pointed } from "./pointed.ts";
import { valueOf, type Quantity } from "./quantities.ts";
import { learningRate, RateChart } from "./rate.tsx";
import type { LayerChanges } from "../../state/changes.ts";

interface Props {
  layer: string;
  quantity: Quantity;
  epoch: number;
}

/** The selected layer's chart with its reading, and the learning rate under it. */
export function LayerFigure({ layer, quantity, epoch }: Props) {
  const model = useModel();
  const changes = model.changes.of(layer);
  const rate = learningRate(model);
  if (changes === undefined) return null;
  const { likeness } = changes;
  const name = quantity.field === undefined && likeness !== undefined ? `Likeness to ${epochName(likeness.epoch)}` : quantity.label;
  return (
    <figure class="plot settling-figure">
      <figcaption>
        <h2>
          {name}, {layer}
        </h2>
        <Reading changes={changes} quantity={quantity} epoch={epoch} />
        <span>
          {quantity.meaning}
          {quantity.field === "change" && (
            <>
              {" "}
              <i class="floor-mark" aria-hidden="true" /> Within the band it is no more than can be measured: the floor,
              half the difference between two halves of the probe images.
            </>
          )}
        </span>
      </figcaption>
      <LayerChart layer={layer} changes={changes} quantity={quantity} epoch={epoch} />
      {rate !== undefined && <RateChart metric={rate} epoch={epoch} />}
    </figure>
  );
}

/** The reading at the epoch under the pointer, otherwise at the selected one. */
function Reading({ changes, quantity, epoch }: { changes: LayerChanges; quantity: Quantity; epoch: number }) {
  const at = pointed.value?.epoch ?? epoch;
  const value = valueOf(quantity, changes, at);
  return (
    <b class="reading">
      {value == null ? "–" : reading(value, quantity.scale)} <small>{at === 0 ? "untrained" : `epoch ${at}`}</small>
    </b>
  );
}
