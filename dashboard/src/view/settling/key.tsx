import type { Ramp } from "../../charts/ramp.ts";
import { reading } from "../../state/value.ts";
import type { Quantity } from "./quantities.ts";

/** What the colours of the clock mean. */
export function ClockKey({ quantity, ramp: { low, high, clamped, stops } }: { quantity: Quantity; ramp: Ramp }) {
  const { likeness, scale } = quantity;
  return (
    <span class="ramp-key">
      {likeness ? "much change" : "little change"} {clamped && "≤ "}
      {reading(low, scale)}
      <i class="colours" style={{ background: `linear-gradient(to right, ${stops.join()})` }} aria-hidden="true" />
      {reading(high, scale)} {likeness ? "little change" : "much change"}
      {scale === "logarithmic" && " (logarithmic)"}
    </span>
  );
}

/** What the marks on the clock mean. */
export function MarksKey({ quantity }: { quantity: Quantity }) {
  return (
    <ul class="marks-key" aria-label="Legend">
      <li>
        <i class="dot-mark" aria-hidden="true" /> settled here
      </li>
      <li>
        <i class="bar-mark" aria-hidden="true" /> settled
      </li>
      <li>
        <i class="triangle-mark" aria-hidden="true" /> found to move again
      </li>
      <li>
        <i class="bar-mark frozen" aria-hidden="true" /> frozen
      </li>
      <li>
        <i class="box-mark striped" aria-hidden="true" /> cannot be judged: the layer's state says why
      </li>
      <li>
        <i class="box-mark hatch" aria-hidden="true" /> not analysed
      </li>
      <li>
        <i class="box-mark" aria-hidden="true" /> {quantity.field === undefined ? "now" : "nothing to compare with"}
      </li>
      {quantity.field === undefined && (
        <li>
          <i class="box-mark thin" aria-hidden="true" /> not remembered: like the epoch before it
        </li>
      )}
    </ul>
  );
}
