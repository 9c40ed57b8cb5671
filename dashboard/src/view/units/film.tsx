import { useEffect, useRef, useState } from "preact/hooks";
import type { Layer } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { useModel } from "../../state/store.ts";
import { Link } from "../link.tsx";
import { Frame } from "./frame.tsx";
import { unitEpochs } from "./pick.ts";
import { evenly } from "./sheet.ts";

interface Props {
  layer: Layer;
  map: number;
  epoch: number;
}

const FRAMES = 12;

/** How the map came to what it is: a frame for each study, fetched when it comes into sight. */
export function UnitFilm({ layer, map, epoch }: Props) {
  const model = useModel();
  const box = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const all = unitEpochs(model, layer.name, map);
  const epochs = evenly(all, FRAMES);
  const current = all.findLast((each) => each <= epoch);
  return (
    <section ref={box} class="unit-film" aria-label="Through the studies">
      <h2>
        Through the studies <small>{epochs.length < all.length ? `${epochs.length} of ${all.length}, evenly spaced` : "all of them"}</small>
      </h2>
      <p>
        The three strongest images of each study beside their projections, the filter of that epoch, and how many of the nine
        are new since the study before.
        {layer.followed.includes(map) && (
          <>
            {" "}
            This map is followed in every epoch:{" "}
            <Link to={{ view: "evolution", layer: layer.name, map, show: "film", rows: "followed", only: undefined }}>its film strip</Link>.
          </>
        )}
      </p>
      {epochs.length === 0 ? (
        <p class="empty">There is no study of this map yet.</p>
      ) : (
        <ol class="unit-frames" tabIndex={0} aria-label="Studies">
          {epochs.map((each) => (
            <li key={each}>
              <button type="button" aria-pressed={each === current} onClick={() => go({ epoch: each })}>
                <b>{each === 0 ? "untrained" : `epoch ${each}`}</b>
                {seen && <Frame layer={layer.name} map={map} epoch={each} />}
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
