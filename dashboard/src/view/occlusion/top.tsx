import { useMemo } from "preact/hooks";
import { colour } from "../../charts/colours.ts";
import type { OccludedPrediction } from "../../generated/protocol.ts";
import { colours as theme, over } from "../../navigation/preferences.ts";
import { Name } from "../name.tsx";
import { classColours } from "./colours.ts";
import { MapPicture } from "./map.tsx";
import type { Frame } from "./picture.tsx";

interface Props extends Frame {
  image: number;
  prediction: OccludedPrediction;
  nameOf: (label: number) => string;
}

/** What the network takes the image for, at each position of the square. */
export function TopFigure({ image, prediction, nameOf, ...frame }: Props) {
  const { top, clean_top: clean } = prediction;
  const chosen = useMemo(() => classColours(top, clean), [top, clean]);
  const paints = useMemo(() => {
    const paint = new Map([...chosen].map(([label, name]) => [label, colour(name)]));
    // Over the image, places where the answer stays are left open.
    return top.map((label) => paint.get(label) ?? (over.value ? undefined : colour("line")));
  }, [chosen, top, over.value, theme.value]);
  const others = [...chosen];
  return (
    <figure class="map-figure">
      <figcaption>
        <b>Most probable class</b>
        <span>what the network takes the covered image for</span>
      </figcaption>
      <MapPicture
        {...frame}
        image={image}
        colours={paints}
        label={`most probable class by position of the square: ${[nameOf(clean), ...others.map(([label]) => nameOf(label))].join(", ")}`}
      />
      <ul class="class-key" aria-label="Classes">
        <li>
          <i class={`swatch ${over.value ? "open-swatch" : "quiet-swatch"}`} aria-hidden="true" />
          <span>
            <b>
              <Name of={nameOf(clean)} />
            </b>
            , as for the whole image
          </span>
        </li>
        {others.map(([label, name]) => (
          <li key={label}>
            <i class="swatch" style={{ background: `var(--${name})` }} aria-hidden="true" />
            <span>
              <Name of={nameOf(label)} />
            </span>
          </li>
        ))}
      </ul>
      <p class="map-note">{others.length === 0 ? "No square changes the answer." : "Coloured: covering this place changes the answer."}</p>
    </figure>
  );
}
