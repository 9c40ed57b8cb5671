/** How to read the maps. */
export function OcclusionLegend() {
  return (
    <section class="legend" aria-label="Legend">
      <h2>Legend</h2>
      <dl>
        <dt>
          <i class="square-swatch" aria-hidden="true" />
        </dt>
        <dd>the square, in its real size</dd>
        <dt>
          <i class="clock-swatch" aria-hidden="true" />
        </dt>
        <dd>what is left when the square is there: dark little, bright much</dd>
        <dt>
          <i class="drop-swatch" aria-hidden="true" />
        </dt>
        <dd>what it takes away: orange the reading falls, blue it rises</dd>
        <dt>
          <i class="clean-swatch" aria-hidden="true" />
        </dt>
        <dd>on a scale: the reading with nothing covered</dd>
        <dt>
          <i class="dot-mark" aria-hidden="true" />
        </dt>
        <dd>an image that was computed</dd>
      </dl>
    </section>
  );
}
