/** How projections are shaded: rows of a legend. */
export function ProjectionScale({ more = "" }: { more?: string }) {
  return (
    <>
      <dt>
        <i class="ramp" aria-hidden="true" />
      </dt>
      <dd class="ramp-words">
        <span>−max</span>
        <span>0</span>
        <span>+max</span>
      </dd>
      <dt class="note">Each projection is scaled to its own largest value, in units of the normalised input; mid-grey is zero. Point at a pixel to read its value.{more}</dt>
    </>
  );
}
