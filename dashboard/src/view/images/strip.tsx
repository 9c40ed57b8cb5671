import { useLayoutEffect, useRef } from "preact/hooks";
import { asImages } from "../../pictures/layout.ts";
import { IMAGE } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import { useModel } from "../../state/store.ts";
import { className } from "../evolution/focus.ts";
import { useViewport } from "../viewport.ts";

interface Props {
  image: number;
  /** The images of which there is a study. */
  studied: ReadonlySet<number>;
  onChoose: (image: number) => void;
}

const WIDTH = 58;
const SIDE = 44;

/** The probe images to choose from, with those marked that were studied. Only those in view exist. */
export function ImageStrip({ image, studied, onChoose }: Props) {
  const model = useModel();
  const box = useRef<HTMLDivElement>(null);
  const viewport = useViewport(box, { width: 800, height: 0 });
  const atlas = model.run && asImages(model.run.probe.atlas, model.run);

  useLayoutEffect(() => {
    const element = box.current!;
    const left = image * WIDTH;
    if (left < element.scrollLeft || left + WIDTH > element.scrollLeft + element.clientWidth) element.scrollLeft = left - element.clientWidth / 2 + WIDTH / 2;
  }, [image]);

  if (atlas === undefined) return <div ref={box} />;
  const first = Math.max(0, Math.floor(viewport.left / WIDTH) - 2);
  const last = Math.min(atlas.count, Math.ceil((viewport.left + viewport.width) / WIDTH) + 2);
  return (
    <div class="image-strip" ref={box} role="group" aria-label="Probe images" tabIndex={0}>
      <div class="image-track" style={{ width: `${atlas.count * WIDTH}px` }}>
        {Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at).map((each) => {
          const name = className(model, each);
          return (
            <button
              key={each}
              type="button"
              style={{ left: `${each * WIDTH}px` }}
              aria-pressed={each === image}
              title={`image ${each}${name === undefined ? "" : `, class ${name}`}${studied.has(each) ? "; computed" : "; not computed yet"}`}
              onClick={() => onChoose(each)}
            >
              <Tile atlas={atlas} index={each} size={SIDE} meaning={IMAGE} name={`image ${each}`} />
              <span>
                <span class="unseen">image </span>
                {each}
                {studied.has(each) && <i class="dot-mark" role="img" aria-label="computed" />}
              </span>
              <small>{name}</small>
            </button>
          );
        })}
      </div>
    </div>
  );
}
