import { useState } from "preact/hooks";
import type { Episode } from "../../state/alerts.ts";
import { AlertCard } from "./card.tsx";

interface Props {
  title: string;
  label: string;
  episodes: readonly Episode[];
  selected: string | undefined;
}

const FIRST = 8;

/** Alerts in full; of many only the first, until somebody asks for the others or selects one of them. */
export function Cards({ title, label, episodes, selected }: Props) {
  const [all, setAll] = useState(false);
  const far = episodes.findIndex(({ id }) => id === selected) >= FIRST;
  const shown = all || far ? episodes : episodes.slice(0, FIRST);
  return (
    <section aria-label={label}>
      <h2>
        {title} <small>{episodes.length}</small>
      </h2>
      <ul class="cards">
        {shown.map((episode) => (
          <AlertCard key={episode.id} episode={episode} selected={episode.id === selected} />
        ))}
      </ul>
      {shown.length < episodes.length && (
        <button type="button" class="plain more" onClick={() => setAll(true)}>
          Show {episodes.length - shown.length} more
        </button>
      )}
    </section>
  );
}
