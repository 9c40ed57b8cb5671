import { useEffect, useRef } from "preact/hooks";
import { go } from "../navigation/navigate.ts";
import { isSelectable, selectableLayers, type Selection } from "../navigation/selection.ts";
import type { View } from "../navigation/route.ts";
import type { Layer, ReceptiveField } from "../generated/protocol.ts";
import type { Model } from "../state/model.ts";
import { useModel } from "../state/store.ts";

import { SeverityIcon } from "./severity.tsx";

interface Props {
  model: Model;
  view: View;
  selection: Selection;
}

/** The list of layers. */
export function Layers({ model, view, selection }: Props) {
  const layers = selectableLayers(model, view);
  const box = useRef<HTMLUListElement>(null);
  const chosen = selection.layer?.name;
  // On a small screen the layers stand in a row that is scrolled.
  useEffect(() => {
    const row = box.current!;
    const button = row.querySelector<HTMLElement>("[aria-current]");
    if (button === null || row.scrollWidth <= row.clientWidth) return;
    row.scrollLeft += button.getBoundingClientRect().left - row.getBoundingClientRect().left - 12;
  }, [chosen]);
  return (
    <nav class="layers" aria-label="Layers">
      <h2>Layers</h2>
      <ul ref={box}>
        {layers.map((layer) => (
          <li key={layer.name}>
            <button
              type="button"
              class={isSelectable(model, view, layer) ? "" : "off"}
              aria-current={layer.name === selection.layer?.name ? "true" : undefined}
              onClick={() => go({ layer: layer.name, map: undefined })}
            >
              <b>{layer.name}</b>
              <LayerAlerts layer={layer.name} />
              <span>{layer.description}</span>
              <small>{facts(layer)}</small>
              {layer.outside_definition !== null && (
                <small title="The deconvnet has no rule for this operation: on the way back it passes its derivative.">
                  outside the deconvnet's definition: {layer.outside_definition}
                </small>
              )}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Marks a layer that has alerts. */
function LayerAlerts({ layer }: { layer: string }) {
  const severity = useModel().alerts.worst(layer);
  return severity === undefined ? null : <SeverityIcon severity={severity} words={`has an alert: ${severity}`} />;
}

function facts(layer: Layer): string {
  if (layer.status.status === "unsupported") return `unsupported: ${layer.status.operation}`;
  const [maps, height, width] = layer.shape;
  const shared = layer.shares_weights_with === undefined ? "" : `weights of ${layer.shares_weights_with} · `;
  return `${layer.frozen ? "frozen · " : ""}${shared}${maps} maps of ${height}×${width}${layer.receptive_field ? ` · ${sight(layer.receptive_field)}` : ""}`;
}

/** What a unit sees, and how sure that is. */
function sight({ size: [height, width], status }: ReceptiveField): string {
  const most = status === "exact" ? "" : "at most ";
  const depends = status === "data_dependent" ? ", depending on the image" : "";
  return `sees ${most}${height}×${width} px${depends}`;
}
