import type { StudySubject } from "../../generated/protocol.ts";
import type { Model } from "../../state/model.ts";
import type { ShownStudy } from "../../state/studies.ts";
import { useModel } from "../../state/store.ts";
import { useDocument } from "../../documents/use.ts";
import type { Studied } from "../study/use.ts";
import { entryOf, hasPictures, type UnitEntry } from "./sheet.ts";

/** The studies that say something of one map: of its layer, and of it alone. */
export function subjects(layer: string, map: number): { all: StudySubject; one: StudySubject } {
  return { all: { study: "units", layer }, one: { study: "unit", layer, map } };
}

/** The epochs of which a map's top images are known. */
export function unitEpochs(model: Model, layer: string, map: number): number[] {
  const { all, one } = subjects(layer, map);
  return [...new Set([...model.studies.epochs(all), ...model.studies.epochs(one)])].sort((a, b) => a - b);
}

/** The newer of the two studies; of the same epoch the one of the map alone, which always has pictures. */
export function newer(all: ShownStudy | undefined, one: ShownStudy | undefined): "all" | "one" {
  return one !== undefined && (all === undefined || one.epoch >= all.epoch) ? "one" : "all";
}

/** What is known of one map at an epoch, from the study that says most. */
export function useUnit(layer: string, map: number, epoch: number): { study: Studied<"units">; entry: UnitEntry | undefined } {
  const { studies } = useModel();
  const { all, one } = subjects(layer, map);
  const [ofAll, ofOne] = [studies.at(all, epoch), studies.at(one, epoch)];
  const first = newer(ofAll, ofOne);
  const whole = useDocument("units", first === "all" ? ofAll?.document : undefined);
  const known = whole.document?.layer === layer ? entryOf(whole.document, map) : undefined;
  // Without pictures, an older study of the map alone says more.
  const single = first === "one" || (known !== undefined && !hasPictures(known.tops) && ofOne !== undefined);
  const alone = useDocument("units", single ? ofOne?.document : undefined);
  const { state, document } = single ? alone : whole;
  const fitting = document?.layer === layer ? document : undefined;
  return {
    study: { subject: single ? one : all, shown: single ? ofOne : ofAll, state, document: fitting },
    entry: fitting && entryOf(fitting, map),
  };
}
