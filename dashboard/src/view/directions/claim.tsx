import type { BasisSheet } from "../../generated/protocol.ts";
import type { DocumentOf } from "../../documents/use.ts";
import { BasisMeaning } from "./basis.tsx";
import { Differences } from "./differences.tsx";

interface Props {
  sheet: DocumentOf<"directions">;
  /** The chosen basis. */
  basis: BasisSheet | undefined;
}

/** What the comparison says, and the numbers that it says it from. */
export function Claim({ sheet, basis }: Props) {
  if (basis === undefined) return <p class="note">The layer was not compared in this way.</p>;
  const counted = sheet.bases.some(({ difference }) => difference !== null);
  return (
    <section class="statement claim" aria-label="What the comparison says">
      <p class="said">{basis.statement}</p>
      <BasisMeaning />
      {counted ? (
        <Differences bases={sheet.bases} />
      ) : (
        <p>
          There are no numbers. Compare the pictures by eye: are the rows of units more of one kind than the others?
        </p>
      )}
    </section>
  );
}
