/** What the view shows, and how to tell good from bad. */
export function UnitsExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        Every feature map of a layer looks for one thing, and a good way to find out for what is to collect the nine images
        that <b>excite it most</b>. On the right of each card are the cut-outs of those images that the map's unit sees. On
        the left is what the <b>deconvnet</b> makes of each: which pixels of the cut-out reached the unit, going back layer by
        layer. The strongest comes first.
      </p>
      <p>
        <b>Good:</b> the nine cut-outs share something (a colour, an edge, a shape, a kind of object), and the projections
        show the same pattern in all. Deeper layers share more meaning and less appearance. <b>Bad:</b> nine cut-outs with
        nothing in common and projections like noise; a map that is nearly a copy of the image; maps that never respond.
        Early in the training the top images change from study to study; later most stay. <b>New</b> says how many of them
        changed since the study before.
      </p>
      <p>
        Nine images are a small sample, and a projection says which pixels can reach the unit, not why. Every value was
        looked at a second time: where that did not find the same, the image is marked “not reproduced” and should not be
        trusted.
      </p>
    </details>
  );
}
