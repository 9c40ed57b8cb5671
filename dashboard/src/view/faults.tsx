import type { RefObject } from "preact";
import type { Faults } from "../state/faults.ts";
import { epochName } from "../state/words.ts";

interface Props {
  dialog: RefObject<HTMLDialogElement | null>;
  faults: Faults;
}

/** What went wrong in the monitoring. */
export function FaultList({ dialog, faults }: Props) {
  const hidden = faults.total - faults.newest.length;
  return (
    <dialog ref={dialog} aria-labelledby="faults-title">
      <h2 id="faults-title">Faults in the monitoring</h2>
      <p>None of these has stopped the training; the rest of the monitoring goes on.</p>
      <ul class="faults">
        {faults.newest.map((fault) => (
          <li key={fault.seq}>
            <strong>{fault.part}</strong>
            <span>{fault.message}</span>
            <small>
              {fault.epoch !== null && `${epochName(fault.epoch)}, `}
              {fault.left === true && "which the run has left since, "}
              <time dateTime={new Date(fault.time_ms).toISOString()}>{new Date(fault.time_ms).toLocaleTimeString()}</time>
            </small>
          </li>
        ))}
      </ul>
      {hidden > 0 && <p>{hidden} earlier ones are not listed.</p>}
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
