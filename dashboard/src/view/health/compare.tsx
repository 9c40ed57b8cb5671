import { useMemo } from "preact/hooks";
import type { Statistic } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { latest } from "../../state/alerts.ts";
import { store, useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { EpochTicks, type Span } from "../epochs.tsx";
import { Notice } from "../notice.tsx";
import { SeverityIcon } from "../severity.tsx";
import { About } from "./about.tsx";
import { pointed } from "./plot.tsx";
import { ramp, type Ramp } from "../../charts/ramp.ts";
import { Strip } from "./strip.tsx";

interface Props {
  layer: string;
  statistic: Statistic | undefined;
  epoch: number;
}

/** One statistic of all layers: a row per layer, a column per epoch. */
export function Compare({ layer, statistic, epoch }: Props) {
  const model = useModel();
  const revision = store.revision.value;
  const name = statistic?.name ?? "";
  const rows = useMemo(
    () =>
      (model.run?.layers ?? [])
        .filter((each) => model.health.has(each.name, name))
        .map((each) => ({ name: each.name, history: model.health.history(each.name, name, model.epochs) })),
    [model, name, revision],
  );
  const colours = useMemo(() => {
    let [least, most] = [Infinity, -Infinity];
    for (const { history } of rows) {
      for (const value of history.values) {
        // A logarithmic ramp has no place for zero.
        if (value == null || (value <= 0 && statistic?.scale === "logarithmic")) continue;
        [least, most] = [Math.min(least, value), Math.max(most, value)];
      }
    }
    return ramp(statistic?.scale ?? "linear", Number.isFinite(least) ? least : 0, Number.isFinite(most) ? most : 1);
  }, [rows, statistic]);
  if (statistic === undefined) return <Notice title="Nothing is measured in this run" />;
  const span = { first: 0, last: Math.max(1, model.newestEpoch) };
  return (
    <section class="compare" aria-label={`${statistic.label} of all layers`}>
      <Picker statistic={statistic} />
      <div class="table-box" tabIndex={0} role="region" aria-label="Layers by epoch">
        <table>
          <thead>
            <tr>
              <th scope="col">layer</th>
              <th scope="col" class="wide">
                epochs <RampKey ramp={colours} statistic={statistic} />
              </th>
              <th scope="col">
                <AtEpoch epoch={epoch} />
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name: row, history }) => (
              <tr key={row} class={row === layer ? "selected" : ""}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => go({ layer: row, across: false })}>
                    {row}
                  </button>
                </th>
                <td>
                  <Strip
                    layer={row}
                    history={history}
                    span={span}
                    ramp={colours}
                    episodes={model.alerts.about(name, row)}
                    epoch={epoch}
                    revision={revision}
                  />
                </td>
                <td class="value">
                  <Value layer={row} statistic={statistic} epoch={epoch} />
                </td>
              </tr>
            ))}
            <Ticks span={span} />
          </tbody>
        </table>
        {rows.length === 0 && <p class="empty">No layer has a reading of it yet.</p>}
      </div>
      <About layer={layer} statistic={statistic} />
    </section>
  );
}

function Picker({ statistic }: { statistic: Statistic }) {
  const model = useModel();
  const all = model.watched?.statistics ?? [];
  return (
    <label class="picker">
      <span>Statistic</span>
      <select value={statistic.name} onChange={({ currentTarget }) => go({ statistic: currentTarget.value })}>
        {(["filters", "maps"] as const).map((subject) => (
          <optgroup key={subject} label={subject === "filters" ? "Filters" : "Maps"}>
            {all
              .filter((each) => each.subject === subject)
              .map(({ name, label }) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function AtEpoch({ epoch }: { epoch: number }) {
  const at = pointed.value ?? epoch;
  return <>{at === 0 ? "untrained" : `epoch ${at}`}</>;
}

function Value({ layer, statistic, epoch }: { layer: string; statistic: Statistic; epoch: number }) {
  const model = useModel();
  const value = model.health.of(layer)?.get(pointed.value ?? epoch)?.values[statistic.name];
  const active = model.alerts.about(statistic.name, layer).find(({ end }) => end === undefined);
  return (
    <>
      {active && <SeverityIcon severity={latest(active).severity} words={`has an alert: ${latest(active).severity}`} />}{" "}
      {reading(value, statistic.scale)}
    </>
  );
}

function Ticks({ span }: { span: Span }) {
  return (
    <tr class="ticks">
      <td />
      <td>
        <EpochTicks span={span} />
      </td>
      <td />
    </tr>
  );
}

/** What the colours mean. */
function RampKey({ ramp: { low, high, clamped, stops }, statistic }: { ramp: Ramp; statistic: Statistic }) {
  return (
    <span class="ramp-key">
      <span>
        {clamped && "≤ "}
        {reading(low, statistic.scale)}
        <i class="colours" style={{ background: `linear-gradient(to right, ${stops.join()})` }} aria-hidden="true" />
        {reading(high, statistic.scale)}
        {statistic.scale === "logarithmic" && " (logarithmic)"}
      </span>
      <span>
        <i class="striped" aria-hidden="true" /> not finite
      </span>
      <span>
        <i class="hatch" aria-hidden="true" /> no reading
      </span>
      <span>
        <i class="underlined" aria-hidden="true" /> critical alert
      </span>
      <span>
        <i class="underlined warning" aria-hidden="true" /> warning
      </span>
    </span>
  );
}
