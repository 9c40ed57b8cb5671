import { useModel } from "../../state/store.ts";
import { subjectKey } from "../../state/studies.ts";
import { Link } from "../link.tsx";
import { Name } from "../name.tsx";
import type { Side } from "./grid.ts";
import { settingsWords, type Occlusion } from "./settings.ts";

interface Props {
  subject: Occlusion;
  side: Side;
  nameOf: (label: number) => string;
}

/** What else was computed for the image. */
export function Variants({ subject, side, nameOf }: Props) {
  const others = useModel()
    .studies.every("occlusion")
    .filter((each) => each.image === subject.image && subjectKey(each) !== subjectKey(subject));
  if (others.length === 0) return null;
  return (
    <p class="variants">
      Also computed for this image:
      {others.map(({ settings }) => (
        <Link
          key={JSON.stringify(settings)}
          to={{ target: settings.class ?? undefined, square: settings.square ?? undefined, stride: settings.stride ?? undefined, fill: settings.fill }}
        >
          <Name of={settingsWords(settings, side, nameOf)} />
        </Link>
      ))}
    </p>
  );
}
