import type { ComponentChildren } from "preact";
import type { Model } from "../state/model.ts";
import { store, useModel } from "../state/store.ts";
import { runWords } from "../state/words.ts";
import { Notice } from "./notice.tsx";

/** Whether the training process goes on, as far as is known: then more is to come. */
export function useGoing(): boolean {
  const model = useModel();
  const words = runWords(store.status.value, model.ended, store.now.value, store.hello.value?.live ?? true, store.link.value.state !== "lost");
  return model.ended === undefined && store.status.value?.state !== "ended" && words.tone !== "bad";
}

/** Whether the run said, or its process, that it is over. */
function ended(model: Model): boolean {
  return model.ended !== undefined || store.status.value?.state === "ended";
}

/** Whether a model that was trained before is looked into, rather than a training watched. */
export function useInspecting(): boolean {
  return useModel().run?.inspection ?? store.status.value?.state === "inspecting";
}

interface Props {
  /** While the training goes on: what is being waited for. */
  title?: string;
  children?: ComponentChildren;
}

/** In place of what was not analysed yet; of a run that goes on no more, it says that nothing will come. */
export function Pending({ title, children = "The first results appear in a moment." }: Props) {
  const model = useModel();
  const inspecting = useInspecting();
  if (useGoing()) {
    return (
      <Notice title={title ?? `The ${inspecting ? "model" : "untrained network"} is being analysed`} busy>
        {children}
      </Notice>
    );
  }
  return (
    <Notice title="Nothing of this was recorded">
      {inspecting ? "The inspection" : "The training"} {ended(model) ? "has ended" : "shows no sign of life any more"}: nothing more will come. The Overview says
      how it ended, and what went wrong if anything did.
    </Notice>
  );
}
