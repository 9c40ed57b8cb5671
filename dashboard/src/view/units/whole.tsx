import type { UnitHit, UnitSheet } from "../../generated/protocol.ts";
import { useModel } from "../../state/store.ts";
import { className } from "../evolution/focus.ts";
import { ProbeImage } from "../evolution/probe.tsx";
import { Name } from "../name.tsx";

const SIDE = 268;

/** The whole image that a hit is of, with the box that the unit sees. */
export function WholeImage({ sheet, hit }: { sheet: UnitSheet; hit: UnitHit }) {
  const model = useModel();
  if (!sheet.searched.probe) {
    return (
      <p class="note">
        The whole images cannot be shown: those that were searched ({sheet.searched.name}) are not stored, only the patches.
      </p>
    );
  }
  const name = className(model, hit.image);
  return (
    <section aria-label="Whole image">
      <h2>
        Image {hit.image} {name !== undefined && <small>
            class <Name of={name} />
          </small>}
      </h2>
      <ProbeImage model={model} unit={hit} size={SIDE} />
    </section>
  );
}
