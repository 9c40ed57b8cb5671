/** What the marks on the maps mean. */
export function MapLegend() {
  return (
    <section class="legend" aria-label="Legend">
      <h2>Legend</h2>
      <dl>
        <dt>
          <i class="swatch dead-hatch" aria-hidden="true" />
        </dt>
        <dd>dead: no probe image excites the map</dd>
        <dt>
          <i class="swatch copy-swatch" aria-hidden="true" />
        </dt>
        <dd>copy: nearly the same as the image</dd>
        <dt>
          <i class="dot-mark" aria-hidden="true" />
        </dt>
        <dd>an image that this layer was computed for</dd>
        <dt class="note">The number under a map is its largest activation. Point at a map to read values and readings; click it to see what excites it.</dt>
      </dl>
    </section>
  );
}
