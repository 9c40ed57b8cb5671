import { go, route } from "../../navigation/navigate.ts";
import { opacity, over } from "../../navigation/preferences.ts";

/** How the maps are drawn. */
export function Look() {
  const { fitted } = route.value;
  return (
    <>
      <div class="segments" role="group" aria-label="Maps">
        <button type="button" aria-pressed={over.value} title="The maps over the image (o)" onClick={() => (over.value = true)}>
          Over the image
        </button>
        <button type="button" aria-pressed={!over.value} title="The maps alone (o)" onClick={() => (over.value = false)}>
          Alone
        </button>
      </div>
      <label class="size">
        <span>Opacity</span>
        <input
          type="range"
          min={0}
          max={100}
          step={5}
          value={opacity.value}
          disabled={!over.value}
          aria-valuetext={`${opacity.value} %`}
          onInput={({ currentTarget }) => (opacity.value = Number(currentTarget.value))}
        />
      </label>
      <div class="segments" role="group" aria-label="Colours">
        <button type="button" aria-pressed={!fitted} title="Colours run from 0: a map that hardly changes looks flat (s)" onClick={() => go({ fitted: false })}>
          Colours from 0
        </button>
        <button type="button" aria-pressed={fitted} title="Colours span only what was read: small differences can be seen (s)" onClick={() => go({ fitted: true })}>
          Fitted
        </button>
      </div>
    </>
  );
}
