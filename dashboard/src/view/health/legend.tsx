/** How to read the charts. */
export function HealthLegend() {
  return (
    <section class="legend health-legend" aria-label="Legend">
      <h2>Legend</h2>
      <dl>
        <dt>
          <i class="sample critical" aria-hidden="true" />
        </dt>
        <dd>critical beyond this</dd>
        <dt>
          <i class="sample warning" aria-hidden="true" />
        </dt>
        <dd>warning beyond this</dd>
        <dt>
          <i class="sample ends" aria-hidden="true" />
        </dt>
        <dd>the alert ends here</dd>
        <dt>
          <i class="swatch random" aria-hidden="true" />
        </dt>
        <dd>random weights read this</dd>
        <dt>
          <i class="swatch hatch" aria-hidden="true" />
        </dt>
        <dd>not looked at yet</dd>
        <dt>
          <i class="sample alert-line of-critical" aria-hidden="true" />
        </dt>
        <dd>an alert, from raised to over: thick while critical</dd>
        <dt>
          <i class="sample alert-line" aria-hidden="true" />
        </dt>
        <dd>while a warning</dd>
        <dt>
          <i class="sample alert-line of-info" aria-hidden="true" />
        </dt>
        <dd>while for information</dd>
        <dt>
          <i class="cross" aria-hidden="true">
            ×
          </i>
        </dt>
        <dd>not a finite number</dd>
        <dt>
          <i class="sample broken-line" aria-hidden="true" />
        </dt>
        <dd>epoch not analysed</dd>
      </dl>
    </section>
  );
}
