import { useStudy } from "../study/use.ts";
import { AskButton } from "../study/ask.tsx";
import { Standing } from "../study/standing.tsx";
import { outputsOf } from "../../state/outputs.ts";
import { useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { LayerFigures } from "./figures.tsx";
import type { Side } from "./grid.ts";
import { Readout } from "./readout.tsx";
import type { OcclusionOfMap } from "./settings.ts";

interface Props {
  subject: OcclusionOfMap;
  epoch: number;
  side: Side;
  size: number;
  fitted: boolean;
}

/** The same of a map that somebody has chosen: a study of its own. */
export function ChosenMap({ subject, epoch, ...frame }: Props) {
  const model = useModel();
  const { document, shown } = useStudy("occlusion", subject, epoch);
  const view = document?.layers.find(({ layer, map }) => layer === subject.layer && map === subject.map);
  return (
    <>
      <div class="study-bar">
        <p class="study-words">
          {shown === undefined ? (
            `What map ${subject.map} depends on is not known yet for this image and square.`
          ) : (
            <>
              <b>Computed after {epochName(shown.epoch)}</b>
              {shown.epoch !== epoch && `; the selected one is ${epochName(epoch)}`}
            </>
          )}
        </p>
        <AskButton subject={subject} what={`map ${subject.map}`} byKey={false} />
        <Standing subject={subject} />
      </div>
      {document !== undefined && view !== undefined && (
        <>
          <Readout sheet={document} view={view} outputs={outputsOf(model.run)} inner />
          <LayerFigures {...frame} sheet={document} view={view} />
        </>
      )}
    </>
  );
}
