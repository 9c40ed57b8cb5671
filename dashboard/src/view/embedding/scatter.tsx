import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DocumentOf } from "../../documents/use.ts";
import { go, route } from "../../navigation/navigate.ts";
import { colours } from "../../navigation/preferences.ts";
import { pictures } from "../../pictures/pictures.ts";
import { store, useModel } from "../../state/store.ts";
import { epochName } from "../../state/words.ts";
import { useSize } from "../size.ts";
import { prepared } from "./canvas.ts";
import { Card } from "./card.tsx";
import { markRadius, nearestPoint, pictureSize, place, type Point } from "./layout.ts";
import { useMoving } from "./moving.ts";
import { paint } from "./paint.ts";
import { onlyClass, pointed } from "./pointed.ts";

/** Room for pictures at the edge. */
const MARGIN = 26;

/** The probe images in the plane. */
export function Scatter({ sheet }: { sheet: DocumentOf<"embedding"> }) {
  const model = useModel();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(box);
  const targets = useMemo(() => place(sheet.points, width, height, MARGIN), [sheet, width, height]);
  const { atlas, labels } = model.run!.probe;
  const wanted = route.value.points === "pictures";
  const image = usePicture(wanted ? atlas.image : undefined);
  void colours.value;
  const { image: pinned } = route.value;
  const hovered = pointed.value;
  const only = onlyClass(route.value);

  const here = useMoving(sheet, targets, `${width} ${height}`, (points) => {
    if (canvas.current === null || width === 0) return;
    paint(prepared(canvas.current, width, height), {
      points,
      labels,
      width,
      height,
      pictures: image && { image, atlas },
      only,
      pointed: hovered,
      pinned,
    });
  });
  useLayoutEffect(() => () => void (pointed.value = undefined), []);

  const reach = Math.max(12, image === undefined ? 2 * markRadius(targets.length) : 0.6 * pictureSize(targets.length, width, height));
  const under = ({ clientX, clientY }: MouseEvent): number | undefined => {
    const { left, top } = box.current!.getBoundingClientRect();
    return nearestPoint(here(), [clientX - left, clientY - top], reach);
  };
  return (
    <div
      ref={box}
      class={`scatter${hovered === undefined ? "" : " on-image"}`}
      onMouseMove={(event) => (pointed.value = under(event))}
      onMouseLeave={() => (pointed.value = undefined)}
      onClick={(event) => {
        const found = under(event);
        go({ image: found === pinned ? undefined : found });
      }}
    >
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${sheet.points.length} probe images, laid out by how alike ${sheet.layer} finds them, ${epochName(sheet.epoch)}`}
      />
      {hovered !== undefined && <Card image={hovered} at={anchor(targets, hovered)} width={width} height={height} />}
    </div>
  );
}

function anchor(points: readonly Point[], image: number): Point {
  return points[image] ?? [0, 0];
}

/** The picture with that address; undefined as long as it is not there. */
function usePicture(id: string | undefined): CanvasImageSource | undefined {
  const [loaded, setLoaded] = useState<{ id: string; picture: CanvasImageSource | undefined } | undefined>(undefined);
  const missing = id !== undefined && loaded?.id === id && loaded.picture === undefined;
  const attempt = missing ? store.hello.value : undefined;
  useLayoutEffect(() => {
    if (id === undefined) return;
    return pictures.request(id, (picture) => setLoaded({ id, picture }));
  }, [id, attempt]);
  return loaded !== undefined && loaded.id === id ? loaded.picture : undefined;
}
