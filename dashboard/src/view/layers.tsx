import { go } from "../navigation/navigate.ts";
import { isSelectable, selectableLayers, type Selection } from "../navigation/selection.ts";
import type { View } from "../navigation/route.ts";
import type { Layer } from "../generated/protocol.ts";
import type { Model } from "../state/model.ts";

interface Props {
  model: Model;
  view: View;
  selection: Selection;
}

/** The list of layers, in the order in which the network computes them. */
export function Layers({ model, view, selection }: Props) {
  const shown = selectableLayers(model, view);
  const layers = (model.run?.layers ?? []).filter((layer) => shown.includes(layer));
  return (
    <nav class="layers" aria-label="Layers">
      <h2>Layers</h2>
      <ul>
        {layers.map((layer) => (
          <li key={layer.name}>
            <button
              type="button"
              class={isSelectable(model, view, layer) ? "" : "off"}
              aria-current={layer.name === selection.layer?.name ? "true" : undefined}
              onClick={() => go({ layer: layer.name, map: undefined })}
            >
              <b>{layer.name}</b>
              <span>{layer.description}</span>
              <small>{facts(layer)}</small>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function facts(layer: Layer): string {
  if (layer.status.status === "unsupported") return `unsupported: ${layer.status.operation}`;
  const [maps, height, width] = layer.shape;
  const field = layer.receptive_field?.size;
  return `${maps} maps of ${height}×${width}${field ? ` · sees ${field[0]}×${field[1]} px` : ""}`;
}
