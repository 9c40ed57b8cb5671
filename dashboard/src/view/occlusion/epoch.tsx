import type { Ramp } from "../../charts/ramp.ts";
import { useDocument } from "../../documents/use.ts";
import type { OcclusionSheet } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { mapRamp } from "./colours.ts";
import type { Side } from "./grid.ts";
import { MapPicture } from "./map.tsx";
import { readingOf, type Reading } from "./reading.ts";
import { useSeen } from "./seen.ts";
import { SMALL_AROUND } from "./sizes.ts";
import type { Occlusion } from "./settings.ts";
import { useColours } from "./values.ts";

interface Props {
  subject: Occlusion;
  epoch: number;
  current: boolean;
  /** The colours of all epochs, if they have the same. */
  ramp: Ramp | undefined;
  /** Whose strongest map is shown; without one, the prediction. */
  layer: string | undefined;
  side: Side;
  size: number;
  fitted: boolean;
}

/** One epoch of the history; its document is fetched when it comes into view. */
export function EpochMap({ subject, epoch, current, ramp, layer, side, size, fitted }: Props) {
  const [box, seen] = useSeen<HTMLLIElement>();
  const study = useModel().studies.at(subject, epoch);
  const { document, state } = useDocument("occlusion", seen ? study?.document : undefined);
  const read = document === undefined ? undefined : readingOf(document, layer);
  return (
    <li ref={box}>
      <button type="button" style={{ width: `${size + SMALL_AROUND}px` }} aria-pressed={current} onClick={() => go({ epoch })}>
        <b>{epoch === 0 ? "untrained" : epochName(epoch)}</b>
        {document === undefined || read === undefined ? (
          <>
            <span class="two-lines">{state === "missing" ? "could not be fetched" : document === undefined ? "…" : "not read"}</span>
            <span class="blank" style={{ width: `${size}px`, height: `${size}px` }} />
          </>
        ) : (
          <>
            <span>
              {read.words[0]}
              <br />
              {read.words[1]}
            </span>
            <Drawn sheet={document} reading={read} ramp={ramp} side={side} size={size} fitted={fitted} />
          </>
        )}
      </button>
    </li>
  );
}

interface DrawnProps {
  sheet: OcclusionSheet;
  reading: Reading;
  ramp: Ramp | undefined;
  side: Side;
  size: number;
  fitted: boolean;
}

function Drawn({ sheet, reading: { curve, unit }, ramp, side, size, fitted }: DrawnProps) {
  const colours = useColours(curve.values, ramp === undefined || unit === "number" ? mapRamp([curve], unit, fitted) : ramp);
  return <MapPicture grid={sheet} side={side} size={size} image={sheet.image} colours={colours} />;
}
