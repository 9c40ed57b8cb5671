import { useLayoutEffect, useRef } from "preact/hooks";
import { mayMove } from "./canvas.ts";
import { between, ease, type Point } from "./layout.ts";

const MOVE_MS = 650;

/**
 * Takes points to their places. Embeddings of a layer are aligned, so from one epoch to another each goes its
 * way; at another size, or where nothing may move, they are there at once. Returns where they are now.
 */
export function useMoving(sheet: object, targets: readonly Point[], size: string, draw: (points: readonly Point[]) => void): () => readonly Point[] {
  const now = useRef<readonly Point[]>(targets);
  const before = useRef({ sheet, size });
  const painter = useRef(draw);
  painter.current = draw;
  useLayoutEffect(() => {
    const moves = mayMove() && before.current.size === size && before.current.sheet !== sheet;
    before.current = { sheet, size };
    if (!moves) {
      now.current = targets;
      painter.current(targets);
      return;
    }
    const from = now.current;
    const begin = performance.now();
    let frame = 0;
    const step = (): void => {
      const share = Math.min(1, (performance.now() - begin) / MOVE_MS);
      now.current = between(from, targets, ease(share));
      painter.current(now.current);
      if (share < 1) frame = requestAnimationFrame(step);
    };
    step();
    return () => cancelAnimationFrame(frame);
  }, [sheet, size]);
  // What else is drawn may have changed while the points are where they were.
  useLayoutEffect(() => painter.current(now.current));
  return () => now.current;
}
