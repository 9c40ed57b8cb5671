import type { LayerChanges } from "../../state/changes.ts";
import type { Model } from "../../state/model.ts";

/** The layers of which something was read, in the order in which the network computes them. */
export function readLayers(model: Model): { name: string; changes: LayerChanges }[] {
  return (model.run?.layers ?? []).flatMap(({ name }) => {
    const changes = model.changes.of(name);
    return changes === undefined ? [] : [{ name, changes }];
  });
}
