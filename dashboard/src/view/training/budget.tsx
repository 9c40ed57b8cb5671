import { store, useModel } from "../../state/store.ts";
import { counting, percent, short, spending } from "../../state/budget.ts";

/** What watching costs, and what was left out to keep to the budget. */
export function Budget() {
  const { costs } = useModel();
  const budget = store.status.value?.budget;
  const analyses = costs.analyses;
  if (budget === undefined && analyses.length === 0) return null;
  const counted = analyses.some(({ cpu }) => cpu !== undefined);
  const used = budget === undefined ? 0 : budget.used + budget.studies_used;
  return (
    <section class="budget" aria-label="What watching costs">
      <h2>What watching costs</h2>
      {budget !== undefined && (
        <>
          {budget.share < 1 && <meter min={0} max={Math.max(budget.share, used)} high={budget.share} value={used} aria-label="Share of the time used" />}
          <p>
            {spending(budget)}: {percent(budget.used)} for epochs, {percent(budget.studies_used)} for studies, which may take{" "}
            {percent(budget.studies_share)}. {counting(budget)} Computed on: {budget.device}.
            {budget.steps_skipped > 0 && ` ${budget.steps_skipped} looks within epochs were left out.`}
          </p>
          {budget.smaller.length > 0 && (
            <ul>
              {budget.smaller.map((sentence) => (
                <li key={sentence}>To keep memory low: {sentence}.</li>
              ))}
            </ul>
          )}
        </>
      )}
      {analyses.length > 0 && (
        <div class="table-box" tabIndex={0} role="region" aria-label="Costs of analyses">
          <table>
            <thead>
              <tr>
                <th scope="col">of each epoch</th>
                {counted && <th scope="col">uses, CPU time</th>}
                <th scope="col">{counted ? "takes, by the clock" : "takes"}</th>
                <th scope="col">last at epoch</th>
                <th scope="col">left out, of {costs.count}</th>
                <th scope="col">why</th>
              </tr>
            </thead>
            <tbody>
              {analyses.map(({ analysis, name, seconds, cpu, epoch, missed, without, reason }) => (
                <tr key={analysis}>
                  <th scope="row">{name}</th>
                  {counted && <td>{cpu === undefined ? "–" : short(cpu)}</td>}
                  <td>{seconds === undefined ? "–" : short(seconds)}</td>
                  <td>{epoch ?? "–"}</td>
                  <td>{missed}</td>
                  <td class="why">{reason === undefined ? "" : `epoch ${without}: ${reason}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
