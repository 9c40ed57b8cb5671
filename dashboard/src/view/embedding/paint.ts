import { colour } from "../../charts/colours.ts";
import type { Atlas } from "../../generated/protocol.ts";
import { classLook, corners, type ClassLook } from "../classes/looks.ts";
import { markRadius, pictureSize, type Point } from "./layout.ts";

/** What is painted; points are in CSS pixels, their places in the list are images. */
export interface Scene {
  points: readonly Point[];
  labels: readonly number[];
  width: number;
  height: number;
  /** The pictures of the images, if they are to be drawn in place of marks. */
  pictures: { image: CanvasImageSource; atlas: Atlas } | undefined;
  /** The only class that stands out. */
  only: number | undefined;
  pointed: number | undefined;
  pinned: number | undefined;
  /** Radius of the marks; left out: by how many there are. */
  radius?: number;
}

const FAINT = 0.16;

/** Paints the probe images where they belong. */
export function paint(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { points, labels, only, pointed, pinned, width, height, pictures } = scene;
  ctx.clearRect(0, 0, width, height);
  const radius = scene.radius ?? markRadius(points.length);
  const size = pictureSize(points.length, width, height);
  const colours = new Map<string, string>();
  const paintOf = (name: string): string => {
    let found = colours.get(name);
    if (found === undefined) colours.set(name, (found = colour(name)));
    return found;
  };
  const surface = paintOf("surface");
  const draw = (image: number, larger: number): void => {
    const at = points[image]!;
    const look = classLook(labels[image]);
    if (pictures !== undefined && image < pictures.atlas.count) picture(ctx, pictures, image, at, size * larger, paintOf(look.colour));
    else mark(ctx, look, at, radius * larger, paintOf(look.colour), surface);
  };
  const bright = (image: number): boolean => only === undefined || labels[image] === only;
  // The faint ones first: they are never in front.
  if (only !== undefined) {
    ctx.globalAlpha = FAINT;
    points.forEach((_, image) => !bright(image) && draw(image, 1));
    ctx.globalAlpha = 1;
  }
  points.forEach((_, image) => bright(image) && draw(image, 1));
  for (const image of [pinned, pointed]) {
    if (image === undefined || points[image] === undefined) continue;
    const frame = image === pinned ? paintOf("accent") : paintOf("ink");
    if (pictures === undefined) ring(ctx, points[image], 1.3 * radius + 4, frame, surface);
    else square(ctx, points[image], 1.6 * size + 8, frame, surface);
    draw(image, pictures === undefined ? 1.3 : 1.6);
  }
}

function mark(ctx: CanvasRenderingContext2D, { shape, hollow }: ClassLook, [x, y]: Point, radius: number, fill: string, edge: string): void {
  ctx.beginPath();
  if (shape === "disc") ctx.arc(x, y, radius, 0, 2 * Math.PI);
  for (const [dx, dy] of corners(shape)) ctx.lineTo(x + radius * dx, y + radius * dy);
  ctx.closePath();
  ctx.lineJoin = "round";
  // A fine edge in the colour of the ground keeps marks apart that overlap.
  ctx.lineWidth = hollow ? 3.5 : 2;
  ctx.strokeStyle = edge;
  ctx.stroke();
  if (hollow) {
    ctx.lineWidth = 1.75;
    ctx.strokeStyle = fill;
    ctx.stroke();
  } else {
    ctx.fillStyle = fill;
    ctx.fill();
  }
}

function picture(
  ctx: CanvasRenderingContext2D,
  { image, atlas }: { image: CanvasImageSource; atlas: Atlas },
  index: number,
  [x, y]: Point,
  size: number,
  frame: string,
): void {
  const { tile_width: width, tile_height: height, columns } = atlas;
  const scale = size / Math.max(width, height);
  const [w, h] = [width * scale, height * scale];
  ctx.fillStyle = frame;
  ctx.fillRect(x - w / 2 - 2, y - h / 2 - 2, w + 4, h + 4);
  ctx.drawImage(image, (index % columns) * width, Math.floor(index / columns) * height, width, height, x - w / 2, y - h / 2, w, h);
}

function ring(ctx: CanvasRenderingContext2D, [x, y]: Point, radius: number, stroke: string, edge: string): void {
  for (const [width, style] of [[5, edge], [2.5, stroke]] as const) {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.lineWidth = width;
    ctx.strokeStyle = style;
    ctx.stroke();
  }
}

function square(ctx: CanvasRenderingContext2D, [x, y]: Point, side: number, fill: string, edge: string): void {
  for (const [more, style] of [[4, edge], [0, fill]] as const) {
    ctx.fillStyle = style;
    ctx.fillRect(x - (side + more) / 2, y - (side + more) / 2, side + more, side + more);
  }
}
