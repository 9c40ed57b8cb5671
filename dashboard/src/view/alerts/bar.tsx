import { go } from "../../navigation/navigate.ts";
import { stretches, type Episode } from "../../state/alerts.ts";
import { useModel } from "../../state/store.ts";
import { place, type Span } from "../epochs.tsx";
import { sentence } from "./words.ts";

interface Props {
  episode: Episode;
  span: Span;
  selected: boolean;
  onPoint: (episode: Episode | undefined) => void;
}

/** An alert on the timeline, in the colours of its severities. */
export function Bar({ episode, span, selected, onPoint }: Props) {
  const model = useModel();
  const { id, since, end } = episode;
  const stop = Math.max(since + 1, end ?? span.last + 1);
  const whole = { first: since, last: stop - 1 };
  return (
    <button
      type="button"
      class={`bar-of-alert${end === undefined ? " open" : ""}`}
      aria-pressed={selected}
      aria-label={sentence(model, episode)}
      style={{ left: `${place(span, since)}%`, right: `${100 - place(span, stop)}%` }}
      onMouseEnter={() => onPoint(episode)}
      onMouseLeave={() => onPoint(undefined)}
      onFocus={() => onPoint(episode)}
      onBlur={() => onPoint(undefined)}
      onClick={() => go({ alert: id })}
    >
      {stretches(episode).map(({ from, to, severity }) => (
        <i
          key={from}
          class={`segment ${severity}`}
          style={{ left: `${place(whole, from)}%`, right: `${100 - place(whole, to ?? stop)}%` }}
        />
      ))}
    </button>
  );
}
