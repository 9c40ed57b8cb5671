import type { FilterPicture } from "../../generated/protocol.ts";

/** What the tiles of this layer show, in a line. */
export function PictureWords({ picture, name }: { picture: FilterPicture; name: string }) {
  return (
    <p class="picture-words">
      {picture === "weights" ? (
        <>
          <b>Each tile is one filter of {name}, as it is:</b> the pattern that it looks for in the image.
        </>
      ) : (
        <>
          <b>Each tile is the dominant pattern of one filter:</b> a filter of {name} has a kernel for each map that comes
          in; the tile is the pattern that most of them share.
        </>
      )}
    </p>
  );
}

export function FilterExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        A convolution slides small <b>filters</b> over its input. Those of the first layer look at the image itself, so
        each can be shown as it is. Before training they are random speckle; in a healthy training they become smooth
        edges, stripes and colour blobs within the first epochs. Filters that stay speckled have learned little: the
        learning rate may be too low, the training too short, the labels wrong, or there is too little weight decay. A
        filter of a deeper layer has too many kernels for one picture: what is shown is the pattern that most of them
        share. Where they share none, the tile is pale.
      </p>
      <p>
        Eyes are easily fooled, so each filter is tested. <b>Q</b> measures how much a filter's weights have to do with
        their neighbours. Random weights give about 4; above the critical value, chance is not a good explanation any
        more. <b>r1</b> says in which way: above zero, neighbours agree (smooth); below, they alternate. Smooth is not
        the same as healthy: networks trained on random labels can have smooth filters too.
      </p>
      <p>
        The frame says what is to be said of a filter in a word. Choose a word above the tiles to see only those filters.
        Coming from an alert, the filters that it is about have a ring.
      </p>
    </details>
  );
}
