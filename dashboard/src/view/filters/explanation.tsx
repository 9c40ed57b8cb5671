export function FilterExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        The first layer slides small <b>filters</b> over the image. Each picture is one filter: the pattern of light, dark
        and colour that it looks for. Before training they are random speckle. In a healthy training they become smooth
        edges, stripes and colour blobs within the first epochs. Filters that stay speckled have learned little: the
        learning rate may be too low, the training too short, the labels wrong, or there is too little weight decay.
      </p>
      <p>
        Eyes are easily fooled, so each filter is tested. <b>Q</b> measures how much a filter's weights have to do with
        their neighbours. Random weights give about 4; above the critical value, chance is not a good explanation any
        more. <b>r1</b> says in which way: above zero, neighbours agree (smooth); below, they alternate. The{" "}
        <b>noise share φ</b> is the share of live filters that cannot be told from noise. Smooth is not the same as
        healthy: networks trained on random labels can have smooth filters too.
      </p>
    </details>
  );
}
