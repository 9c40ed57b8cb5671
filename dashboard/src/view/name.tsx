import { shortName } from "../state/words.ts";

/** A name that the user gave, cut if it is long, with the whole on hover. */
export function Name({ of }: { of: string }) {
  const short = shortName(of);
  return (
    <span class="name" title={short === undefined ? undefined : of}>
      {short ?? of}
    </span>
  );
}
