import { LAYER_STATES, type Layer } from "../../generated/protocol.ts";
import { useModel } from "../../state/store.ts";
import { gapWords } from "../evolution/gap.ts";
import { readingWords } from "../maps/readings.ts";
import { DistributionFigure } from "./distribution.tsx";

/** The readings of a layer's maps over the epochs, over all probe images. */
export function OverEpochs({ layer, epoch }: { layer: Layer; epoch: number }) {
  const model = useModel();
  const history = model.distributions.of(layer.name);
  if (history === undefined) {
    const state = model.health.state(layer.name);
    const why = state === undefined ? gapWords(model, layer.name, epoch, "layer_distributions") : `${layer.name} is ${LAYER_STATES[state].name}`;
    return <p class="empty">How the maps change over the epochs cannot be shown: {why}.</p>;
  }
  const live = history.live(epoch);
  const names = history.names.toSorted((a, b) => rank(a) - rank(b));
  return (
    <section class="group" aria-label="Over the epochs">
      <h2>
        Over the epochs <small>all probe images, all live maps of {layer.name}{live !== undefined && `: ${live} of ${layer.shape[0]}`}</small>
      </h2>
      <p class="band-key">
        <span>
          <i class="median-line" aria-hidden="true" /> median
        </span>
        <span>
          <i class="band-half" aria-hidden="true" /> the middle half of the maps
        </span>
        <span>
          <i class="band-most" aria-hidden="true" /> nine in ten
        </span>
        <span>
          <i class="noise-line" aria-hidden="true" /> what noise reads after a ReLU
        </span>
      </p>
      <div class="multiples">
        {names.map((name) => (
          <DistributionFigure key={name} layer={layer.name} name={name} epoch={epoch} />
        ))}
      </div>
    </section>
  );
}

const FIRST = ["hoyer", "localisation", "zero_share", "input_likeness", "lifetime_sparseness", "largest"];

function rank(name: string): number {
  const at = FIRST.indexOf(name);
  return at >= 0 ? at : FIRST.length + (readingWords(name) === undefined ? 1 : 0);
}
