export function OcclusionExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        Which part of an image does the network look at? To find out, a <b>square is laid over it</b>, place by place, and
        each time the network is asked again. Where the reading falls (the probability of a class, or a number of the output), the square
        hides something that the answer depends on: <b>those places are dark</b>. If they lie on the object, the network looks at
        the object; if they lie on the background, it has learned something else. A cell of a map stands for the
        centre of one square, so edges look as blurred as the square is large.
      </p>
      <p>
        The same is done for each layer: of its feature maps the one that answers most strongly to the whole image is
        taken, and the map shows how much of its answer is left. Beside it stands its <b>projection</b>, which claims to show
        where that map looks in another way; where the two agree, they support each other.
      </p>
      <p>
        What occlusion cannot say: a square is something to see, too. A grey square is an unusual sight, and the
        network may answer to the square itself: <b>compare fills</b>, and trust what they have in common. What is
        there twice is not missed when one of the two is covered, so a pale place may still matter. And a small
        square finds small parts, a large one large parts: neither is the truth by itself.
      </p>
    </details>
  );
}
