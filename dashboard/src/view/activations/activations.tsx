import { useEffect } from "preact/hooks";
import type { Layer, StudySubject } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { select } from "../../navigation/selection.ts";
import { imageOf } from "../../navigation/study.ts";
import { useModel } from "../../state/store.ts";
import { ImageStrip } from "../images/strip.tsx";
import { Layers } from "../layers.tsx";
import { Notice } from "../notice.tsx";
import { Pending } from "../pending.tsx";
import { StudyBar } from "../study/bar.tsx";
import { NoStudy } from "../study/none.tsx";
import { useStudy } from "../study/use.ts";
import { Transport } from "../transport.tsx";
import { ZoomSlider } from "../zoom.tsx";
import { ActivationsExplanation } from "./explanation.tsx";
import { MapGrid } from "./grid.tsx";
import { Inspector } from "./inspector.tsx";
import { MapLegend } from "./legend.tsx";
import { shownMaps } from "./maps.ts";
import { OverEpochs } from "./over.tsx";
import { point } from "./pointed.ts";

/** All feature maps of a layer for one probe image. */
export function Activations() {
  const model = useModel();
  const selection = select(model, route.value);
  const { layer, epoch } = selection;
  useEffect(() => () => point(undefined), []);
  return (
    <div class="view activations">
      <aside class="side" aria-label="Layer and legend">
        <Layers model={model} view="activations" selection={selection} />
        <MapLegend />
      </aside>
      {layer === undefined || epoch === undefined ? (
        <section class="stage" aria-label="Feature maps">
          {layer === undefined ? <Notice title="This model has no layer that can be watched" /> : <Pending />}
        </section>
      ) : (
        <LayerActivations layer={layer} epoch={epoch} transport={<Transport selection={selection} />} />
      )}
    </div>
  );
}

interface Props {
  layer: Layer;
  epoch: number;
  transport: preact.JSX.Element;
}

function LayerActivations({ layer, epoch, transport }: Props) {
  const model = useModel();
  const { map, only, sort, shared } = route.value;
  const image = imageOf(model, layer.name, route.value.image);
  const subject: StudySubject = { study: "activations", layer: layer.name, image };
  const study = useStudy("activations", subject, epoch);
  // While another layer's document is fetched, the one before it is of no use.
  const sheet = study.document?.layer === layer.name ? study.document : undefined;
  const studied = new Set(model.studies.among("activations", layer.name).map((each) => each.image));
  const shown = sheet === undefined ? [] : shownMaps(sheet, only, sort);
  return (
    <>
      <section class="stage" aria-label="Feature maps">
        <div class="tools">
          {transport}
          <ZoomSlider />
        </div>
        <ActivationsExplanation />
        <ImageStrip image={image} studied={studied} onChoose={(chosen) => go({ image: chosen })} />
        <StudyBar study={study} epoch={epoch} />
        {sheet === undefined ? (
          <NoStudy study={study} what={`the feature maps of ${layer.name} for image ${image}`} epoch={epoch} />
        ) : (
          <MapGrid
            sheet={sheet}
            shown={shown}
            chosen={map}
            only={only}
            sort={sort}
            shared={shared}
            onChoose={(chosen) => go({ view: "units", map: chosen, only: undefined, sort: undefined })}
          />
        )}
        <OverEpochs layer={layer} epoch={epoch} />
      </section>
      <Inspector sheet={sheet} image={image} layer={layer} map={map ?? shown[0]} shared={shared} />
    </>
  );
}
