import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useDocument } from "../../documents/use.ts";
import { go, route } from "../../navigation/navigate.ts";
import { colours } from "../../navigation/preferences.ts";
import { useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { rounded } from "../classes/share.tsx";
import { useSize } from "../size.ts";
import { prepared } from "./canvas.ts";
import { place } from "./layout.ts";
import { paint } from "./paint.ts";
import { onlyClass } from "./pointed.ts";

interface Props {
  epoch: number;
  /** The study's document. */
  id: string;
  current: boolean;
}

/** The embedding of another epoch, small; it is fetched when it comes into sight. */
export function Small({ epoch, id, current }: Props) {
  const model = useModel();
  const box = useRef<HTMLButtonElement>(null);
  const screen = useRef<HTMLSpanElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(screen);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && setSeen(true));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const { document: sheet, state } = useDocument("embedding", seen ? id : undefined);
  const only = onlyClass(route.value);
  const { image: pinned } = route.value;
  const palette = colours.value;
  useLayoutEffect(() => {
    if (sheet === undefined || width === 0) return;
    const points = place(sheet.points, width, height, 5);
    const { labels } = model.run!.probe;
    paint(prepared(canvas.current!, width, height), { points, labels, width, height, pictures: undefined, only, pointed: undefined, pinned, radius: points.length > 400 ? 1.4 : 2 });
  }, [sheet, width, height, only, pinned, palette]);
  const agreement = sheet?.neighbours;
  return (
    <button ref={box} type="button" class="small-embedding" aria-current={current ? "true" : undefined} onClick={() => go({ epoch })}>
      <span ref={screen} class="small-screen">
        <canvas ref={canvas} aria-hidden="true" />
      </span>
      <span class="small-words">
        <b>{epoch === 0 ? "untrained" : epochName(epoch)}</b>
        {agreement && <small title="of an image's neighbours are of its class">{rounded(agreement.value)}</small>}
        {state === "missing" && <small>not there</small>}
      </span>
    </button>
  );
}
