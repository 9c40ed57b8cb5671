export function Explanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        A convolutional layer is a stack of small detectors, its <b>feature maps</b>. For each of them spyhole searched
        the probe images for the spot that it answers to most strongly. The lower picture is that spot, cut out of the
        image: everything the detector can see. The upper picture is the <b>projection</b>: starting from that one answer,
        the network was run backwards down to the pixels, to show which of them carried it there. Read a row from left to
        right to watch one detector form: noise at first, then edges and blobs in the lower layers and whole shapes in the
        upper ones. When a row stops changing, its detector has settled. A corner mark says that another image became the
        strongest: a sudden change.
      </p>
      <p>
        A caveat: a projection shows <b>which pixels can reach this unit, not why</b> it answers. Even a network with
        random weights paints part of the image, so compare with the untrained network in the first column.
      </p>
    </details>
  );
}
