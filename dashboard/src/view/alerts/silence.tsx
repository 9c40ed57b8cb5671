import { canControl, silence, useSilenceWish } from "../../state/asking.ts";
import type { Episode } from "../../state/alerts.ts";
import { useModel } from "../../state/store.ts";

/** Silences an alert, or lets it be heard again. Not there where nobody can. */
export function SilenceButton({ episode }: { episode: Episode }) {
  const model = useModel();
  const { rule, layer } = episode;
  const silenced = model.alerts.isSilenced(episode);
  const wish = useSilenceWish({ rule, layer });
  if (!canControl()) return null;
  const title = silenced
    ? "Count it, mark it and carry it by mail or message again"
    : "It stays on the page, but is not counted, and no mail, message or stop comes of it; the same holds when it comes again";
  return (
    <>
      <button
        type="button"
        class="plain"
        title={title}
        aria-label={`${silenced ? "Let it be heard again" : "Silence"}: ${episode.events.at(-1)!.title}`}
        disabled={wish.state === "asking"}
        onClick={() => silence({ rule, layer, silenced: !silenced })}
      >
        {silenced ? "Let it be heard again" : "Silence"}
      </button>
      {wish.state === "refused" && (
        <span class="refused" role="alert">
          Refused: {wish.reason}
        </span>
      )}
    </>
  );
}

/** Marks an alert that somebody has silenced. */
export function SilencedTag({ episode }: { episode: Episode }) {
  if (!useModel().alerts.isSilenced(episode)) return null;
  return (
    <span class="silenced-tag" title="Somebody has silenced it: it is not counted, and no mail, message or stop comes of it">
      silenced
    </span>
  );
}
