import type { OccludedLayer, OcclusionSheet } from "../../generated/protocol.ts";
import type { Outputs } from "../../state/outputs.ts";
import { Name } from "../name.tsx";
import { squareWords } from "./grid.ts";
import { pointed } from "./pointed.ts";
import { dropWords, shares, unitOf, valueWords } from "./words.ts";

interface Props {
  sheet: OcclusionSheet;
  /** The selected layer's strongest map. */
  view: OccludedLayer | undefined;
  outputs: Outputs;
  /** Of one map only, beside the one of the whole study. */
  inner?: boolean;
}

/** The numbers of the square under the pointer. */
export function Readout({ sheet, view, outputs, inner = false }: Props) {
  const position = pointed.value;
  const prediction = inner ? null : sheet.prediction;
  const name = `square-readout${inner ? " inner" : ""}`;
  if (position === undefined || position >= sheet.rows.length * sheet.columns.length) {
    return (
      <p class={name}>
        <span>Point at any picture: the square there is outlined on all of them, and its numbers stand here.</span>
      </p>
    );
  }
  const layer = view && shares(view);
  return (
    <p class={name}>
      <span>
        Square on <b>{squareWords(sheet, position)}</b>
      </span>
      {prediction !== null && (
        <>
          <span>
            <Name of={outputs.nameOf(prediction.class)} /> <b>{valueWords(prediction.probabilities[position] ?? null, unitOf(prediction))}</b>{" "}
            <small>{dropWords(prediction.clean, prediction.probabilities[position] ?? null, unitOf(prediction))}</small>
          </span>
          {outputs.thing === "class" && prediction.top[position] !== undefined && (
            <span>
              taken for{" "}
              <b>
                <Name of={outputs.nameOf(prediction.top[position])} />
              </b>
            </span>
          )}
        </>
      )}
      {view !== undefined && layer !== undefined && (
        <span>
          {view.layer}, map {view.map}: sum <b>{valueWords(view.sums[position] ?? null, "number")}</b>{" "}
          <small>{dropWords(layer.clean, layer.values[position] ?? null, layer.unit)}</small>
        </span>
      )}
    </p>
  );
}
