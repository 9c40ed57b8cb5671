import type { MetricSeries, NamedMetric } from "../../state/metrics.ts";
import { number } from "../../state/words.ts";

/** The latest value of every metric. */
export function LatestTable({ metrics }: { metrics: NamedMetric[] }) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Latest values">
      <table>
        <caption>Latest values</caption>
        <thead>
          <tr>
            <th scope="col">metric</th>
            <th scope="col">epoch</th>
            <th scope="col">training</th>
            <th scope="col">validation</th>
            <th scope="col">best validation</th>
          </tr>
        </thead>
        <tbody>
          {metrics.map(({ name, unit, splits }) => {
            const { train, valid } = splits;
            const epochs = (valid ?? train)!.byEpoch.epochs;
            const best = valid?.best;
            return (
              <tr key={name}>
                <th scope="row">
                  {name}
                  {unit !== null && <small> {unit}</small>}
                </th>
                <td>{epochs[epochs.length - 1]}</td>
                <td>{latest(train)}</td>
                <td>{latest(valid)}</td>
                <td>
                  {best === undefined ? "–" : number(best.value)}
                  {best !== undefined && <small> epoch {best.epoch}</small>}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function latest(series: MetricSeries | undefined): string {
  const value = series?.byEpoch.last;
  return value === undefined ? "–" : number(value);
}
