import type { DocumentOf } from "../../documents/use.ts";
import { count } from "../../state/value.ts";
import { rounded, ShareBar } from "../classes/share.tsx";

/** How often neighbours are of one class, in the layer's own space. */
export function Agreement({ sheet }: { sheet: DocumentOf<"embedding"> }) {
  const { no_neighbours: why } = sheet;
  // A share says nothing where any image would have the same; earlier versions recorded it all the same.
  const neighbours = sheet.neighbours !== null && sheet.neighbours.chance < 1 ? sheet.neighbours : null;
  return (
    <section class="agreement" aria-label="Neighbours">
      <h2>Do neighbours belong together?</h2>
      {neighbours === null ? (
        <p>It cannot be counted whether neighbours are of one class{why === undefined ? "" : `: ${why}`}.</p>
      ) : (
        <>
          <p>
            <b>{rounded(neighbours.value)}</b> of an image's {count(neighbours.neighbours, "nearest neighbour")} in this layer's
            space are of its class; dealt at random it would be {rounded(neighbours.chance)}.
          </p>
          <ShareBar name="this layer" value={neighbours.value} chance={neighbours.chance} chanceName="dealt at random" />
          <p class="key">
            <i class="chance-mark" aria-hidden="true" /> dealt at random. Counted in the layer's own space, with all its
            dimensions, not in the picture.
          </p>
        </>
      )}
    </section>
  );
}
