import { useRef } from "preact/hooks";
import type { BasisSheet } from "../../generated/protocol.ts";
import { zoom } from "../../navigation/preferences.ts";
import type { DocumentOf } from "../../documents/use.ts";
import { rounded, ShareBar } from "../classes/share.tsx";
import { useSize } from "../size.ts";
import { viewsOf, type Side } from "./pointed.ts";
import { Row } from "./row.tsx";

interface Props {
  sheet: DocumentOf<"directions">;
  basis: BasisSheet;
  side: Side;
}

const WORDS: { [side in Side]: { title: string; each: string } } = {
  units: { title: "Units", each: "Each row: the nine images that one feature map answers to most." },
  random: { title: "Random directions", each: "Each row: the nine images that one random mixture of all maps answers to most." },
};

const [GAP, PADDING] = [3, 20];
const [LEAST, MOST] = [20, 72];

/** All directions of a kind that have pictures. */
export function Column({ sheet, basis, side }: Props) {
  const box = useRef<HTMLElement>(null);
  const { width } = useSize(box);
  const views = viewsOf(basis, side);
  const most = Math.max(1, ...views.map(({ hits }) => hits.length));
  const size = Math.max(LEAST, Math.min(MOST * zoom.value, Math.floor((zoom.value * (width - PADDING - (most - 1) * GAP)) / most)));
  const { title, each } = WORDS[side];
  const purity = side === "units" ? basis.units : basis.random;
  return (
    <section ref={box} class="directions-column" aria-label={title}>
      <h3>{title}</h3>
      <p class="note">{each}</p>
      {purity !== null && (
        <>
          <ShareBar name="purity" value={purity} chance={sheet.chance} chanceName="nine images at random" />
          <p class="key">
            Share of the commonest class among the nine, mean of all {basis.directions}.{" "}
            {sheet.chance !== null && (
              <>
                <i class="chance-mark" aria-hidden="true" /> nine images at random: {rounded(sheet.chance)}
              </>
            )}
          </p>
        </>
      )}
      {views.length === 0 && <p class="empty">None has pictures.</p>}
      <ol>
        {views.map((view, row) => (
          <Row key={row} sheet={sheet} view={view} side={side} row={row} size={size} />
        ))}
      </ol>
    </section>
  );
}
