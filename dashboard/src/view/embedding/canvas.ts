/** A canvas of that size with as many pixels as the screen has; one CSS pixel is one unit. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const ctx = canvas.getContext("2d")!;
  ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return ctx;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether things may move. */
export function mayMove(): boolean {
  return !still.matches;
}
