import type { BasisSheet } from "../../generated/protocol.ts";
import { go, route } from "../../navigation/navigate.ts";
import { differenceScale, placeOn, pointsWords } from "./scale.ts";
import { BASIS_WORDS, differenceWords } from "./words.ts";

/** How much purer units are than random directions, in all bases on one axis. */
export function Differences({ bases }: { bases: readonly BasisSheet[] }) {
  const scale = differenceScale(bases);
  const left = (value: number): { left: string } => ({ left: `${placeOn(scale, value)}%` });
  return (
    <figure class="differences">
      <h3>Difference: units minus random directions</h3>
      <div class="difference-row difference-heads" aria-hidden="true">
        <span />
        <span class="difference-track">
          <small class="toward">← random purer</small>
          <small class="toward">units purer →</small>
        </span>
        <span />
      </div>
      {bases.map((basis) => (
        <button
          key={basis.basis}
          type="button"
          class="difference-row"
          aria-pressed={route.value.basis === basis.basis}
          onClick={() => go({ basis: basis.basis })}
        >
          <span class="difference-name">{BASIS_WORDS[basis.basis].name}</span>
          <span class="difference-track" aria-hidden="true">
            {scale.ticks.map((tick) => (
              <i key={tick} class={Math.abs(tick) < 1e-9 ? "zero" : "tick"} style={left(tick)} />
            ))}
            {basis.low !== null && basis.high !== null && (
              <i class="interval" style={{ ...left(basis.low), width: `${placeOn(scale, basis.high) - placeOn(scale, basis.low)}%` }} />
            )}
            {basis.difference !== null && <b style={left(basis.difference)} />}
          </span>
          <span class="difference-value">{differenceWords(basis)}</span>
        </button>
      ))}
      <div class="difference-row axis" aria-hidden="true">
        <span />
        <span class="difference-track">
          {scale.ticks.map((tick) => (
            <span key={tick} style={left(tick)}>
              {Math.abs(tick) < 1e-9 ? <b>0</b> : pointsWords(tick)}
            </span>
          ))}
        </span>
        <span />
      </div>
      <figcaption>
        In points of a hundred: +11 is one image of nine more. The line at 0 is <b>no difference</b>; right of it
        units are purer, left of it random directions. The bar is the 95 %
        interval: where the difference might have come out with other directions.
      </figcaption>
    </figure>
  );
}
