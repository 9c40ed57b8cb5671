import { useMemo, useRef } from "preact/hooks";
import { route } from "../../navigation/navigate.ts";
import { RunContext } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { EpochTicks, place } from "../epochs.tsx";
import { axisOf, columnAt } from "../settling/columns.ts";
import { ClockKey, MarksKey } from "../settling/key.tsx";
import { quantityOf, rampOf } from "../settling/quantities.ts";
import { Row } from "../settling/row.tsx";
import { useSize } from "../size.ts";
import { layersOf } from "./differences.ts";
import { RunMark } from "./mark.tsx";
import type { Compared } from "./runs.ts";

interface Props {
  runs: readonly Compared[];
  layer: string;
  epoch: number | undefined;
  revision: string;
}

/** The settling clocks of the runs one below the other: the same layers, epochs and colours. */
export function Clocks({ runs, layer, epoch, revision }: Props) {
  const measured = useRef<HTMLTableCellElement>(null);
  const { width } = useSize(measured);
  const quantity = quantityOf(route.value.quantity);
  const names = layersOf(runs.map(({ run }) => run.model));
  const { axis, ramp } = useMemo(() => {
    const changes = runs.flatMap(({ run }) => names.flatMap((name) => run.model.changes.of(name) ?? []));
    return { axis: axisOf(Math.max(1, ...runs.map(({ run }) => run.model.newestEpoch))), ramp: rampOf(quantity, changes) };
  }, [revision, quantity]);
  const heights = names.length > 12 ? { cells: 9, bar: 3 } : { cells: 14, bar: 4 };
  const here = epoch === undefined ? "-99px" : `${place(axis.span, axis.span.first + (columnAt(axis, epoch) + 0.5) * axis.each)}%`;
  return (
    <section class="compare-part" aria-labelledby="clocks-title">
      <h2 id="clocks-title">When layers settle</h2>
      <div class="table-box clock-box" tabIndex={0} role="region" aria-label="Settling clocks of the runs">
        {runs.map((compared, at) => {
          const { run, key } = compared;
          const { model } = run;
          const newest = Math.max(1, model.newestEpoch);
          return (
            <RunContext.Provider key={key} value={run}>
              <table class={`clock compared${names.length > 12 ? " many" : ""}`} style={{ "--here": here, "--at": "-99px" }}>
                <caption>
                  <RunMark run={compared} />
                  {model.settlings.newest !== undefined && <span>{model.settlings.newest.statement}</span>}
                </caption>
                <colgroup>
                  <col class="name" />
                  <col />
                  <col span={4} class="number" />
                </colgroup>
                <thead class={at === 0 ? "" : "repeated"}>
                  <tr>
                    <th scope="col">layer</th>
                    <th scope="col" class="wide" {...(at === 0 ? { ref: measured } : {})}>
                      {at === 0 ? <ClockKey quantity={quantity} ramp={ramp} /> : quantity.label}
                    </th>
                    <th scope="col">state now</th>
                    <th scope="col">settled since epoch</th>
                    <th scope="col">moved again</th>
                    <th scope="col">like now since epoch</th>
                  </tr>
                </thead>
                <tbody>
                  {names.map((name) => {
                    const changes = model.changes.of(name);
                    const known = model.run?.layers.some((each) => each.name === name) ?? false;
                    return changes === undefined ? (
                      <tr key={name} class="lacking">
                        <th scope="row">{name}</th>
                        <td colSpan={5}>{model.run === undefined ? "reading" : known ? "nothing was read of it" : "this run has no such layer"}</td>
                      </tr>
                    ) : (
                      <Row
                        key={name}
                        layer={name}
                        changes={changes}
                        quantity={quantity}
                        axis={axis}
                        newest={newest}
                        revision={run.revision.value}
                        ramp={ramp}
                        width={width}
                        heights={heights}
                        selected={name === layer}
                      />
                    );
                  })}
                  {at === runs.length - 1 && (
                    <tr class="ticks">
                      <td>epoch</td>
                      <td>
                        <EpochTicks span={axis.span} />
                      </td>
                      <td colSpan={4} />
                    </tr>
                  )}
                </tbody>
              </table>
            </RunContext.Provider>
          );
        })}
        {axis.each > 1 && <p class="note">Each column stands for {axis.each} epochs and shows the one with the largest value.</p>}
      </div>
      <MarksKey quantity={quantity} />
      <p class="note">
        Colours mean the same in all runs{epoch === undefined ? "" : `; the line is at ${epochName(epoch)}`}.
      </p>
    </section>
  );
}
