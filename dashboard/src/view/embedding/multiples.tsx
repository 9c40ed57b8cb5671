import type { DocumentOf } from "../../documents/use.ts";
import type { StudySubject } from "../../generated/protocol.ts";
import { useModel } from "../../state/store.ts";
import { spaced } from "./layout.ts";
import { Small } from "./small.tsx";

const MOST = 8;

interface Props {
  sheet: DocumentOf<"embedding">;
  subject: StudySubject;
  /** The epoch of the study that is shown. */
  shown: number | undefined;
}

/** The same layer at other epochs that were studied. */
export function Multiples({ sheet, subject, shown }: Props) {
  const model = useModel();
  const all = model.studies.epochs(subject);
  if (all.length < 2) return null;
  const epochs = spaced(all, MOST, shown);
  return (
    <section class="through-training" aria-label="Other epochs">
      <h2>
        Through the training{" "}
        <small>
          {epochs.length < all.length && `${epochs.length} of ${all.length} epochs that were studied. `}
          {sheet.neighbours !== null && "In per cent: how many of an image's neighbours are of its class"}
        </small>
      </h2>
      <div class="small-embeddings">
        {epochs.map((epoch) => {
          const id = model.studies.of(subject)?.byEpoch.get(epoch)?.document;
          return id && <Small key={epoch} epoch={epoch} id={id} current={epoch === shown} />;
        })}
      </div>
    </section>
  );
}
