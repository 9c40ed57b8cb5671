import { useModel } from "../state/store.ts";
import { count } from "../state/value.ts";
import { SeverityIcon } from "./severity.tsx";

/** How many alerts are active, and how bad the worst is. */
export function AlertBadge() {
  const { alerts } = useModel();
  const worst = alerts.worst();
  if (worst === undefined) return null;
  const active = alerts.heard.length;
  const words = `${count(active, "active alert")}, the worst: ${worst}`;
  return (
    <span class={`alert-badge ${worst}`} title={words}>
      <SeverityIcon severity={worst} />
      <span aria-hidden="true">{active}</span>
      <span class="unseen">: {words}</span>
    </span>
  );
}
