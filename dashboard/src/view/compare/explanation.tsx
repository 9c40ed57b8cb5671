/** What the comparison shows, and what it does not say. */
export function CompareExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        Several runs side by side. The table says first what differs; <b>better</b> marks the best of the runs, as the metric itself counts. Each
        chart has one metric of all runs: a run has the same colour and the same kind of line everywhere. The clocks show, for the same layers and
        epochs, how much each layer changed and when it settled.
      </p>
      <p>
        Filters and maps are set side by side by their number. Trainings that start from different random weights number their filters
        differently: filter 3 of one run has nothing to do with filter 3 of another. Compare what kinds of filters there are, and how many, then;
        runs that start from the same weights can be compared filter by filter. A difference between two runs may be chance: train each several
        times with other seeds before you believe it.
      </p>
    </details>
  );
}
