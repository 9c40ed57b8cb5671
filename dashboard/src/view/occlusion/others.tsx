import type { OccludedLayer, OcclusionSheet } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { mapRamp } from "./colours.ts";
import type { Side } from "./grid.ts";
import { MapPicture } from "./map.tsx";
import { readingOf } from "./reading.ts";
import { SMALL_AROUND, smallSize } from "./sizes.ts";
import { useColours } from "./values.ts";
import { two } from "./words.ts";

interface Props {
  sheet: OcclusionSheet;
  side: Side;
  /** That there is for the row. */
  width: number;
  fitted: boolean;
  selected: string | undefined;
}

/** The strongest maps of all layers, small, to choose one. */
export function LayerRow({ sheet, selected, width, ...rest }: Props) {
  const frame = { ...rest, size: smallSize(width, sheet.layers.length) };
  return (
    <section class="panel" aria-label="All layers">
      <h2>
        The strongest map of every layer <small>click one to see it large (↑ ↓)</small>
      </h2>
      <ul class="small-maps">
        {sheet.layers.map((view) => (
          <li key={view.layer}>
            <button
              type="button"
              style={{ width: `${frame.size + SMALL_AROUND}px` }}
              aria-pressed={view.layer === selected}
              onClick={() => go({ layer: view.layer, map: undefined })}
            >
              <SmallMap {...frame} sheet={sheet} view={view} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface SmallProps extends Omit<Props, "selected" | "width"> {
  size: number;
  view: OccludedLayer;
}

function SmallMap({ sheet, view, side, size, fitted }: SmallProps) {
  const { curve, unit, words } = readingOf(sheet, view.layer)!;
  const colours = useColours(curve.values, mapRamp([curve], unit, fitted));
  const { correlation, correlation_of_others: others } = view.agreement;
  return (
    <>
      <b title={view.layer}>{view.layer}</b>
      <span>
        {words[0]}
        <br />
        {words[1]}
      </span>
      <MapPicture grid={sheet} side={side} size={size} image={sheet.image} colours={colours} />
      <span title="rank correlation of what covering takes away with the projection, and with projections of other images">
        ranks agree {correlation === null ? "–" : two(correlation)}
        <br />
        other images {others === null ? "–" : two(others)}
      </span>
    </>
  );
}
