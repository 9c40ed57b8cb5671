import type { ActivationSheet } from "../../generated/protocol.ts";
import { stops } from "../../charts/ramp.ts";
import { go } from "../../navigation/navigate.ts";
import { number } from "../../state/words.ts";
import { sharedScale } from "./maps.ts";

/** What the colours stand for, and the choice of one scale for all maps. */
export function ScaleLine({ sheet, shared }: { sheet: ActivationSheet; shared: boolean }) {
  const most = shared ? number(sharedScale(sheet)) : "the map’s largest";
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
        <span>{sheet.signed ? `−${most}` : "0"}</span>
        <Ramp signed={sheet.signed} />
        <span>{sheet.signed ? `+${most}` : most}</span>
      </div>
      <p class="scale-words">
        {sheet.signed ? "activation; the middle of the ramp is zero" : "activation; the dark end is zero"}
        {!shared && ", the number under each map is its largest"}. It has no unit: it is the number that the layer passes on.
      </p>
    </div>
  );
}

function Ramp({ signed }: { signed: boolean }) {
  return <i class="value-ramp" aria-hidden="true" style={{ background: `linear-gradient(to right, ${stops(signed).join(", ")})` }} />;
}
