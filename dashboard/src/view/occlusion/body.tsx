import { useRef } from "preact/hooks";
import type { Layer } from "../../generated/protocol.ts";
import { route } from "../../navigation/navigate.ts";
import type { Outputs } from "../../state/outputs.ts";
import { useModel } from "../../state/store.ts";
import { StudyBar } from "../study/bar.tsx";
import { NoStudy } from "../study/none.tsx";
import { useStudy } from "../study/use.ts";
import { useSize } from "../size.ts";
import type { Side } from "./grid.ts";
import { History } from "./history.tsx";
import { LayerPanel } from "./layer.tsx";
import { LayerRow } from "./others.tsx";
import { PredictionPanel } from "./prediction.tsx";
import { Readout } from "./readout.tsx";
import type { Occlusion } from "./settings.ts";
import { largeSize } from "./sizes.ts";
import { Variants } from "./variants.tsx";

interface Props {
  subject: Occlusion;
  layer: Layer | undefined;
  epoch: number;
  side: Side;
  outputs: Outputs;
}

/** The study of an image: its prediction, its layers, and how they came to be. */
export function Body({ subject, layer, epoch, side, outputs }: Props) {
  useModel();
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const { fitted, map } = route.value;
  const study = useStudy("occlusion", subject, epoch);
  const sheet = study.document;
  const size = largeSize(width);
  const frame = { side, fitted };
  return (
    <div class="occlusion-body" ref={box}>
      <StudyBar study={study} epoch={epoch} />
      <Variants subject={subject} side={side} nameOf={outputs.nameOf} />
      {sheet === undefined ? (
        <NoStudy study={study} what={`image ${subject.image} with this square`} epoch={epoch} />
      ) : (
        <>
          <Readout sheet={sheet} view={map === undefined ? sheet.layers.find((each) => each.layer === layer?.name) : undefined} outputs={outputs} />
          <PredictionPanel {...frame} size={size} sheet={sheet} outputs={outputs} />
        </>
      )}
      {layer !== undefined && (sheet !== undefined || map !== undefined) && (
        <LayerPanel {...frame} size={size} sheet={sheet} layer={layer} map={map} image={subject.image} settings={subject.settings} epoch={epoch} />
      )}
      {sheet !== undefined && (
        <>
          <LayerRow {...frame} width={width} sheet={sheet} selected={layer?.name} />
          <History {...frame} width={width} subject={subject} sheet={sheet} layer={layer?.name} outputs={outputs} />
        </>
      )}
    </div>
  );
}
