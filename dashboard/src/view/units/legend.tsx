import { ProjectionScale } from "../projections.tsx";

/** How to read the cards. */
export function UnitLegend() {
  return (
    <section class="legend" aria-label="Legend">
      <h2>Legend</h2>
      <dl>
        <dt class="wide">
          <b>left:</b> projections, the pixels that reached the unit
        </dt>
        <dt class="wide">
          <b>right:</b> the image patches that the unit saw
        </dt>
        <ProjectionScale />
        <dt>
          <i class="padding-hatch swatch" aria-hidden="true" />
        </dt>
        <dd>outside the image: only the network's padding</dd>
        <dt>
          <i class="swatch dead-hatch" aria-hidden="true" />
        </dt>
        <dd>dead: no probe image excites the map</dd>
        <dt class="note">
          Lifetime sparseness: near 1 if few images excite the map. Localisation: below 0.5 the response is localised. Sparsity: near 1 if
          few positions respond. New: share of the top images that changed since the study before.
        </dt>
      </dl>
    </section>
  );
}
