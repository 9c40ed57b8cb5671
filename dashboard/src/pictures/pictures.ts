import { Loader } from "../loading/loader.ts";
import { source, whereabouts } from "../source/current.ts";

const KEPT = 256;

/** The atlases, by content address. */
export const pictures = new Loader<CanvasImageSource>(async (address) => {
  const image = new Image();
  image.decoding = "async";
  image.src = source.picture(...whereabouts(address));
  await image.decode();
  return image;
}, KEPT);
