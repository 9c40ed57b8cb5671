import type { FieldStatus, UnitSheet } from "../../generated/protocol.ts";
import { count } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";

const BOXES: { [status in FieldStatus]: string } = {
  exact: "",
  upper_bound: " The cut-outs are at least what a unit sees: it may see less.",
  data_dependent: " What a unit sees depends on the image: the cut-outs are at least that.",
};

/** What was searched, and how the study is to be read. */
export function SearchedWords({ sheet }: { sheet: UnitSheet }) {
  const { searched, earlier, field_status } = sheet;
  return (
    <p class="picture-words">
      The top images are from <b>{count(searched.count, "image")}</b>: {searched.name}
      {searched.repeated > 0 && ` (${searched.repeated.toLocaleString("en")} came again and were left out)`}.
      {earlier !== null && ` “New” is compared with ${epochName(earlier)}.`}
      {BOXES[field_status]}
    </p>
  );
}
