import { target } from "../../navigation/alerts.ts";
import { latest } from "../../state/alerts.ts";
import { store, useModel } from "../../state/store.ts";
import { count } from "../../state/value.ts";
import { SilenceButton } from "../alerts/silence.tsx";
import { when } from "../alerts/words.ts";
import { Link } from "../link.tsx";
import { SeverityIcon, SeverityTag } from "../severity.tsx";
import { healthAnswer, missingWords } from "./answers.ts";
import { Panel } from "./panel.tsx";

const LISTED = 4;
const MISSING = 5;

/** Is it healthy? */
export function HealthPanel() {
  const model = useModel();
  const { heard, active } = model.alerts;
  const answer = healthAnswer(model);
  const [worst, ...others] = heard;
  const silenced = active.length - heard.length;
  const missing = missingWords(model, Math.max(model.dropped, store.status.value?.snapshots_dropped ?? 0));
  return (
    <Panel name="health" question="Is it healthy?" more={{ view: "alerts", epoch: undefined }} moreWords="all alerts and rules">
      <p class={`answer ${answer.tone}`}>
        {answer.tone === "good" || answer.tone === "quiet" ? <i class="dot" /> : <SeverityIcon severity={answer.tone} />} {answer.words}
      </p>
      {answer.detail !== undefined && <p class="detail-words">{answer.detail}</p>}
      {worst !== undefined && (
        <div class={`worst ${latest(worst).severity}`}>
          <p>
            <SeverityTag severity={latest(worst).severity} /> <Link to={target(model, worst)}>{latest(worst).title}</Link>{" "}
            <small>{when(model, worst)}</small>
          </p>
          <p>{latest(worst).message}</p>
          <p class="actions">
            <Link to={{ view: "alerts", alert: worst.id }} class="plain">
              What it means and what to try
            </Link>
            <SilenceButton episode={worst} />
          </p>
        </div>
      )}
      {others.length > 0 && (
        <ul class="other-alerts">
          {others.slice(0, LISTED).map((episode) => (
            <li key={episode.id}>
              <SeverityIcon severity={latest(episode).severity} words={latest(episode).severity} />{" "}
              <Link to={{ view: "alerts", alert: episode.id }}>{latest(episode).title}</Link>
            </li>
          ))}
          {others.length > LISTED && <li>and {others.length - LISTED} more</li>}
        </ul>
      )}
      {silenced > 0 && worst !== undefined && <p class="detail-words">{count(silenced, "more alert")} that somebody has silenced.</p>}
      {missing.length > 0 && (
        <ul class="missing-words" aria-label="What was not analysed">
          {missing.slice(0, MISSING).map((words) => (
            <li key={words}>{words}</li>
          ))}
          {missing.length > MISSING && <li>and {missing.length - MISSING} more</li>}
        </ul>
      )}
    </Panel>
  );
}
