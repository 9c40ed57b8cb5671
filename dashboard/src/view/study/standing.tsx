import type { StudySubject } from "../../generated/protocol.ts";
import { cancel, useStanding } from "../../state/asking.ts";
import { count } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";

/** What becomes of a study that was asked for or is being made. */
export function Standing({ subject }: { subject: StudySubject }) {
  const standing = useStanding(subject);
  switch (standing.state) {
    case "idle":
      return null;
    case "asking":
      return <p class="standing" role="status">Asking the training process …</p>;
    case "finishing":
      return <p class="standing" role="status">Waiting for the result …</p>;
    case "waiting":
      return (
        <p class="standing" role="status">
          Waits for its turn{standing.ahead > 0 && `, behind ${count(standing.ahead, "other study", "other studies")}`}
          {standing.scheduled ? ", on schedule" : <CancelButton id={standing.id} />}
        </p>
      );
    case "running": {
      const { id, epoch, done, total, scheduled } = standing;
      return (
        <p class="standing">
          <span role="status">Being computed for {epochName(epoch)}</span>
          <progress aria-label="Progress of the study" {...(total > 0 ? { max: total, value: done } : {})} />
          {total > 0 && `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`}
          {!scheduled && <CancelButton id={id} />}
        </p>
      );
    }
    case "cancelled":
      return <p class="standing" role="status">Cancelled.</p>;
    case "refused":
      return (
        <p class="standing bad" role="status">
          Refused: {standing.reason}
        </p>
      );
    case "failed":
      return (
        <p class="standing bad" role="status">
          Failed: {standing.reason}
        </p>
      );
  }
}

function CancelButton({ id }: { id: number }) {
  return (
    <button type="button" class="plain" onClick={() => cancel(id)}>
      Cancel
    </button>
  );
}
