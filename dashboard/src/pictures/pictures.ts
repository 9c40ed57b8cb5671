import { Loader } from "../loading/loader.ts";

const KEPT = 256;

/** The atlases, by content address. */
export const pictures = new Loader<CanvasImageSource>(async (id) => {
  const image = new Image();
  image.decoding = "async";
  image.src = new URL(`images/${encodeURIComponent(id)}.png`, document.baseURI).href;
  await image.decode();
  return image;
}, KEPT);
