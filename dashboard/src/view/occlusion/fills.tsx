import type { Fill, FillAgreement } from "../../generated/protocol.ts";
import { number } from "../../state/words.ts";

const NAMES: { [fill in Fill]: string } = { grey: "grey", mean: "the image's mean colour", blur: "the blurred image" };

/** Whether another filling finds the same places: what it does not find may be the square's own doing. */
export function OtherFill({ other }: { other: FillAgreement | null }) {
  if (other === null) return null;
  const { fill, correlation } = other;
  return (
    <p class="panel-words">
      {correlation === null ? (
        <>With {NAMES[fill]} in the square no place matters more than another: what is seen here may be the square's own doing.</>
      ) : (
        <>
          With {NAMES[fill]} in the square, {verdict(correlation)}: the ranks of the drops agree <b>{number(correlation)}</b> (1: the same
          order, 0: unrelated).
        </>
      )}
    </p>
  );
}

function verdict(correlation: number): string {
  if (correlation >= 0.7) return "much the same places matter";
  if (correlation >= 0.3) return "partly other places matter";
  return "other places matter, so trust neither picture";
}
