import type { OcclusionSettings } from "../../generated/protocol.ts";
import { go } from "../../navigation/navigate.ts";
import { FILLS } from "../../navigation/route.ts";
import type { Outputs } from "../../state/outputs.ts";
import { count } from "../../state/value.ts";
import { shortName } from "../../state/words.ts";
import type { Side } from "./grid.ts";
import { FILL_WORDS, measure, positions } from "./settings.ts";

interface Props {
  settings: OcclusionSettings;
  side: Side;
  outputs: Outputs;
  /** What the one is called that is mapped if none is chosen. */
  own: string;
}

/** More to choose from are not listed. */
const MOST_LISTED = 2000;

/** Which class or number is mapped, and how the square is. */
export function SquareSettings({ settings, side, outputs, own }: Props) {
  const listed = Array.from({ length: Math.min(MOST_LISTED, outputs.count) }, (_, number) => outputs.nameOf(number));
  const title = outputs.thing === "class" ? "Class and square" : "Output and square";
  const square = measure(settings, side);
  const [rows, columns] = positions(square, side);
  const usual = settings.square === null && settings.stride === null && settings.fill === "grey" && settings.class === null;
  return (
    <section class="square-settings" aria-label={title}>
      <h2>{title}</h2>
      <label>
        <span>{outputs.thing}</span>
        <select
          value={settings.class ?? ""}
          onChange={({ currentTarget: { value } }) => go({ target: value === "" ? undefined : Number(value) })}
        >
          <option value="">{own}</option>
          {listed.map((name, label) => (
            <option key={label} value={label} title={name}>
              {shortName(name) ?? name}
            </option>
          ))}
        </select>
      </label>
      <Length name="side" value={square.square} most={Math.min(...side)} onChange={(value) => go({ square: value })} />
      <Length name="step" value={square.stride} most={Math.min(...side)} onChange={(value) => go({ stride: value })} />
      <div class="fills" role="group" aria-label="What is put into the square">
        <span>filled with</span>
        <div class="segments">
          {FILLS.map((fill) => (
            <button key={fill} type="button" aria-pressed={settings.fill === fill} title={FILL_WORDS[fill][1]} onClick={() => go({ fill })}>
              {FILL_WORDS[fill][0]}
            </button>
          ))}
        </div>
        <small>{FILL_WORDS[settings.fill][1]}</small>
      </div>
      <p class="cost">
        {rows * columns === 0 ? (
          "The square does not fit into the image."
        ) : (
          <>
            <b>
              {rows} × {columns} = {count(rows * columns, "position")}
            </b>
            , so many runs of the network. Of each, only what the square can reach is computed anew.
          </>
        )}
      </p>
      {!usual && (
        <button type="button" class="link" onClick={() => go({ target: undefined, square: undefined, stride: undefined, fill: "grey" })}>
          back to the usual settings
        </button>
      )}
    </section>
  );
}

interface LengthProps {
  name: string;
  value: number;
  most: number;
  onChange: (value: number | undefined) => void;
}

/** A length in pixels; left empty, it is chosen by the image. */
function Length({ name, value, most, onChange }: LengthProps) {
  return (
    <label>
      <span>{name}</span>
      <input
        type="number"
        min={1}
        max={most}
        value={value}
        onChange={({ currentTarget }) => {
          const wanted = Math.round(Number(currentTarget.value));
          onChange(currentTarget.value === "" || !(wanted >= 1) ? undefined : Math.min(most, wanted));
        }}
      />
      <small>px</small>
    </label>
  );
}
