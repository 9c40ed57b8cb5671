import type { ActivationSheet } from "../../generated/protocol.ts";
import { stops } from "../../charts/ramp.ts";
import { go } from "../../navigation/navigate.ts";
import { number } from "../../state/words.ts";
import { sharedScale } from "./maps.ts";

/** What the colours stand for, and the choice of one scale for all maps. */
export function ScaleLine({ sheet, shared }: { sheet: ActivationSheet; shared: boolean }) {
  const { signed } = sheet;
  const most = number(sharedScale(sheet));
  const ends = shared ? (signed ? [`−${most}`, `+${most}`] : ["0", most]) : signed ? ["− its largest", "+ its largest"] : ["0", "its largest"];
  const choice = (one: boolean, name: string, title: string) => (
    <button type="button" aria-pressed={shared === one} title={`${title} (s)`} onClick={() => go({ shared: one })}>
      {name}
    </button>
  );
  return (
    <div class="scale-line">
      <div class="segments" role="group" aria-label="Scale of the colours">
        {choice(false, "Each map on its own scale", "Every map reaches the end of the ramp: shows where it responds")}
        {choice(true, "One scale for all", "Equal colours are equal activations: shows which maps respond most")}
      </div>
      <div class="scale-key">
        <span>{ends[0]}</span>
        <Ramp signed={signed} />
        <span>{ends[1]}</span>
      </div>
      <p class="scale-words">
        The activation, without a unit: the number that the layer passes on. {signed ? "The middle of the ramp is zero." : "Dark is zero."}
        {!shared && " Under each map stands its largest."}
      </p>
    </div>
  );
}

function Ramp({ signed }: { signed: boolean }) {
  return <i class="value-ramp" aria-hidden="true" style={{ background: `linear-gradient(to right, ${stops(signed).join(", ")})` }} />;
}
