import { route } from "../../navigation/navigate.ts";
import { useModel } from "../../state/store.ts";
import { Notice } from "../notice.tsx";
import { Cards } from "./cards.tsx";
import { AlertsExplanation } from "./explanation.tsx";
import { NoAlerts } from "./none.tsx";
import { Rules } from "./rules.tsx";
import { Timeline } from "./timeline.tsx";

/** What is the matter, what was, and what is looked at. */
export function Alerts() {
  const model = useModel();
  const { active, resolved, episodes } = model.alerts;
  const selected = route.value.alert;
  return (
    <div class="view alerts">
      <section class="stage" aria-label="Alerts">
        <AlertsExplanation />
        {model.watched === undefined && episodes.length === 0 ? (
          <Notice title="Nothing was watched in this run">
            Its records name no rules.
          </Notice>
        ) : (
          <>
            {active.length === 0 ? (
              <NoAlerts />
            ) : (
              <Cards title="Active" label="Active alerts" episodes={active} selected={selected} />
            )}
            {episodes.length > 0 && <Timeline selected={selected} />}
            {resolved.length > 0 && (
              <Cards title="Over" label="Alerts that are over" episodes={resolved} selected={selected} />
            )}
            <Rules />
          </>
        )}
      </section>
    </div>
  );
}
