export function HealthExplanation() {
  return (
    <details class="explanation">
      <summary>What am I looking at?</summary>
      <p>
        After every epoch spyhole measures each layer: its <b>filters</b> (the weights), and its <b>maps</b> (what comes
        out of the layer when it looks at the probe images). Each chart shows one such number over all epochs. Choose its
        name to see it large, with what it means and how it is computed.
      </p>
      <p>
        Some numbers are watched by rules. Dashed lines show from where on a rule raises an alert; it must be beyond the
        line for some readings running. The shaded band is what layers of random weights would read: a trained layer that
        stays in it has not learned anything that this number can see. <b>All layers</b> compares one number across the
        network: the first layer often behaves differently from the deeper ones.
      </p>
    </details>
  );
}
