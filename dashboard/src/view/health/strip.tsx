import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { colour } from "../../charts/colours.ts";
import { go } from "../../navigation/navigate.ts";
import { colours } from "../../navigation/preferences.ts";
import { stretches, type Episode } from "../../state/alerts.ts";
import type { History } from "../../state/health.ts";
import { epochAt, place, type Span } from "../epochs.tsx";
import { pointed } from "./plot.tsx";
import type { Ramp } from "../../charts/ramp.ts";

interface Props {
  layer: string;
  history: History;
  span: Span;
  ramp: Ramp;
  episodes: readonly Episode[];
  epoch: number;
  revision: number;
}

/** Height of the picture in its own pixels: not finite readings are striped. */
const STRIPES = 6;

/** A statistic of one layer: one coloured cell per epoch. */
export function Strip({ layer, history, span, ramp, episodes, epoch, revision }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = colours.value;
  useLayoutEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!ctx) return;
    ctx.clearRect(0, 0, ctx.canvas.width, STRIPES);
    history.epochs.forEach((each, at) => {
      const value = history.values[at];
      if (value === undefined) return;
      ctx.fillStyle = value === null ? colour("broken") : ramp.colour(value);
      for (let y = 0; y < STRIPES; y += 1) if (value !== null || y % 2 === 0) ctx.fillRect(each - span.first, y, 1, 1);
    });
  }, [history, span.first, span.last, ramp, revision, palette]);
  useEffect(() => () => void (pointed.value = undefined), []);
  return (
    <div
      class="strip"
      onMouseMove={(event) => (pointed.value = epochAt(span, event))}
      onMouseLeave={() => (pointed.value = undefined)}
      onClick={(event) => go({ layer, epoch: epochAt(span, event) })}
    >
      <canvas ref={canvas} class="hatch" width={span.last - span.first + 1} height={STRIPES} aria-hidden="true" />
      {episodes.flatMap((episode) =>
        stretches(episode).map(({ from, to, severity }) => (
          <i
            key={`${episode.id} ${from}`}
            class={`under ${severity}`}
            style={{ left: `${place(span, from)}%`, right: `${100 - place(span, to ?? span.last + 1)}%` }}
          />
        )),
      )}
      <i class="here" style={{ left: `${place(span, epoch + 0.5)}%` }} />
    </div>
  );
}
