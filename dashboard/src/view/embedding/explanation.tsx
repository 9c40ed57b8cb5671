export function EmbeddingExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        To a layer, each probe image is a long list of numbers: what its feature maps answer. Images with similar lists are
        alike to the layer. This picture (made by the method <b>t-SNE</b>) puts every image at a place so that images that
        the layer finds alike lie close together. Before training, images lie together because of their colours or
        brightness. As the network learns, images of one class gather, in the upper layers more than in the lower ones.
      </p>
      <p>
        A mark far away from its class is worth a look: an image that the layer takes for something else, or a wrong label.
        Step through the epochs with <kbd>←</kbd> <kbd>→</kbd> and watch the groups form.
      </p>
      <p>
        The method keeps neighbours together and gives up everything else. It even finds groups where there are none. So
        trust the number beside the picture before the picture: it is counted in the layer's own space.
      </p>
    </details>
  );
}
