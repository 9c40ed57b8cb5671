import type { DocumentOf } from "../../documents/use.ts";
import { epochName } from "../../state/words.ts";

/** What the picture can tell, and what it cannot. */
export function Reading({ sheet }: { sheet: DocumentOf<"embedding"> }) {
  const { aligned_to: aligned, perplexity } = sheet;
  return (
    <section class="reading-hints" aria-label="How to read the picture">
      <h2>How to read the picture</h2>
      <p>
        <b>It tells</b> which images are close: each was drawn near the images that this layer finds most like it, about{" "}
        {Math.round(perplexity)} of them.
      </p>
      <p>
        <b>It cannot tell</b> how different groups are: the distance between groups that are apart, their size and how dense
        they are mean nothing. Left, right, up and down mean nothing either, so there are no axes.
      </p>
      <p>
        {aligned === null
          ? "Not started from an earlier picture: it is the first of this layer, or the layer has changed so much that a fresh start fits better. Do not follow single images to it."
          : `Aligned to ${epochName(aligned)}: it started from that picture and was turned to fit it, so an image that is elsewhere now has moved among its neighbours.`}
      </p>
    </section>
  );
}
