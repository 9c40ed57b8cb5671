/** What the view shows, and how to tell good from bad. */
export function ActivationsExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        A convolution turns an image into many small pictures, its <b>feature maps</b>: each shows where in the image one
        pattern was found, and how strongly. Here are all maps of the layer for one image. Bright: the pattern is there;
        dark: it is not. In layers that can respond with a minus sign, blue is minus, orange is plus.
      </p>
      <p>
        In a network that has learned something, most maps are <b>sparse and localised</b>: a few bright spots on dark,
        at the object rather than everywhere. A map that <b>looks like the image</b> has learned little: it passes on what
        it got. A map that is <b>dead</b> is silent for every probe image; a few are common, many mean that the layer is
        narrower than it looks. Maps like <b>speckled noise</b> are what an untrained network shows: go to epoch 0 with <kbd>Home</kbd>{" "}
        to see it.
      </p>
      <p>
        The maps of one image are one sample. The charts below show the same readings over all probe images and all
        epochs, and the dashed line what noise would read. Click a map to see which images excite it most.
      </p>
    </details>
  );
}
