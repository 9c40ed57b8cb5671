export function OverviewExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        This page answers five questions about the training as it stands now, in the order in which they matter. Each answer
        is short; the link beside it leads to the view that shows all of it, epoch by epoch.
      </p>
      <p>
        A convolutional network is a stack of <b>layers</b>. Each layer is a set of small detectors, its <b>feature maps</b>,
        that look for patterns: edges and colours in the first layers, shapes and objects in the later ones. An <b>epoch</b> is one
        pass through all training data. While the network trains, the layers change much at first and then less and less: a layer
        that hardly changes any more has <b>settled</b>. An <b>alert</b> is raised when numbers that tell healthy layers from
        sick ones stay bad. Training never waits for any of this, but shares the machine with it (the page Training says how
        much). Where the analysis could not keep up, epochs are left out, and that is said.
      </p>
    </details>
  );
}
