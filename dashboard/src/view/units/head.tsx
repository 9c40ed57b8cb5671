import type { Layer } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { useModel } from "../../state/store.ts";
import { BackIcon, ForwardIcon } from "../icons.tsx";
import { Link } from "../link.tsx";

/** The name of the map, the maps beside it, and where else it can be seen. */
export function UnitHead({ layer, map }: { layer: Layer; map: number }) {
  const model = useModel();
  const maps = layer.shape[0];
  const step = (by: number, label: string, key: string, icon: preact.JSX.Element) => (
    <button
      type="button"
      class="round"
      aria-label={label}
      title={`${label} (${key})`}
      disabled={map + by < 0 || map + by >= maps}
      onClick={() => go({ map: map + by })}
    >
      {icon}
    </button>
  );
  return (
    <header class="unit-title">
      <Link to={{ map: undefined }} class="plain">
        All maps of {layer.name} <kbd aria-hidden="true">Esc</kbd>
      </Link>
      <h2>
        {step(-1, "Map before", "N", <BackIcon />)}
        <span>
          Map {map} <small>of {layer.name}, 0 to {maps - 1}</small>
        </span>
        {step(1, "Next map", "n", <ForwardIcon />)}
      </h2>
      <p class="links">
        <Link to={{ view: "activations", layer: layer.name, map, only: undefined, sort: undefined }}>where it responds</Link>
        {layer.followed.includes(map) && (
          <Link to={{ view: "evolution", layer: layer.name, map, show: "film", rows: "followed", only: undefined }}>film of every epoch</Link>
        )}
        {model.filters.of(layer.name) !== undefined && (
          <Link to={{ view: "filters", layer: layer.name, map, only: undefined }}>its filter</Link>
        )}
      </p>
    </header>
  );
}
