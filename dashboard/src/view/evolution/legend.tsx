import { useModel } from "../../state/store.ts";
import { ProjectionScale } from "../projections.tsx";

/** How to read the pictures. */
export function Legend() {
  return (
    <section class="legend" aria-label="Legend">
      <h2>Legend</h2>
      <dl>
        <dt class="wide">
          <b>above:</b> the projection, the pixels that reached the unit
        </dt>
        <dt class="wide">
          <b>below:</b> the image patch that the unit saw
        </dt>
        <ProjectionScale more=" Coloured pixels weigh the colour channels differently." />
        <dt>
          <i class="jump" aria-hidden="true" />
        </dt>
        <dd>another image became the strongest</dd>
        <dt>
          <i class="outside swatch" aria-hidden="true" />
        </dt>
        <dd>outside the image</dd>
        <dt>
          <i class="hatch swatch" aria-hidden="true" />
        </dt>
        <dd>no pictures of this epoch</dd>
        {useModel().changes.any && (
          <>
            <dt>
              <i class="clock-swatch" aria-hidden="true" />
            </dt>
            <dd>how much a layer changed: dark little, bright much</dd>
            <dt>
              <i class="dot-mark" aria-hidden="true" />
            </dt>
            <dd>the layer settled</dd>
            <dt>
              <i class="triangle-mark" aria-hidden="true" />
            </dt>
            <dd>it was found to move again</dd>
          </>
        )}
      </dl>
    </section>
  );
}
