export function DirectionsExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        It is tempting to think that each unit (feature map) of a layer stands for something, because the images that it
        answers to most often look alike. In 2013 Szegedy and others asked a spoilsport's question: do the images of a{" "}
        <b>random mixture</b> of all units look any less alike? They found no difference: what a layer knows is in its space
        as a whole, and single units are nothing special.
      </p>
      <p>
        Here the question is put to this layer. Left, units; right, random mixtures. Each row shows the nine images that lie
        furthest along a direction; the mark under a picture is its class. <b>Purity</b> is the share of the commonest class
        among the nine. If the rows on the right are as pure as those on the left, do not read meaning into single units.
      </p>
      <p>
        The answer depends on how the layer's answers are taken. Raw, a few loud units colour every mixture, which
        makes the random ones look better than they are. The other two ways take that out. Purity only knows the classes of
        the probe images: a unit that stands for a texture or a pose that many classes share gets no credit for it.
      </p>
    </details>
  );
}
