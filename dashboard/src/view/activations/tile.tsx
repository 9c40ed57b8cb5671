import { Component } from "preact";
import type { Atlas, MapView } from "../../generated/protocol.ts";
import { ColouredTile } from "../../pictures/coloured.tsx";
import { number } from "../../state/words.ts";
import { point, positionAt } from "./pointed.ts";
import { stateOf } from "./maps.ts";

interface Props {
  atlas: Atlas;
  map: number;
  view: MapView;
  signed: boolean;
  reach: number;
  size: number;
  chosen: boolean;
}

const WORDS = { dead: "dead: no probe image excites it", copy: "nearly a copy of the image", live: "" };

/** One feature map. It is drawn again only when something about it has changed. */
export class MapTile extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return (Object.keys(next) as (keyof Props)[]).some((key) => next[key] !== this.props[key]);
  }

  override render({ atlas, map, view, signed, reach, size, chosen }: Props) {
    const state = stateOf(view);
    const scale = view.scale === null ? "–" : number(view.scale);
    return (
      <button
        type="button"
        class={`map-tile ${state}-map`}
        data-number={map}
        aria-current={chosen ? "true" : undefined}
        onMouseMove={(event) => {
          const picture = event.currentTarget.querySelector("canvas");
          if (picture !== null) point({ map, position: positionAt(event, picture, atlas) });
        }}
      >
        <span class="map-picture">
          <ColouredTile atlas={atlas} index={map} size={size} signed={signed} reach={reach} scale={view.scale} name={`map ${map}`} />
          {state === "dead" && <i class="dead-hatch" />}
        </span>
        <span class="tag">
          <span>
            <span class="unseen">map </span>
            {map}
          </span>
          {state === "live" ? (
            <span class="number">
              <span class="unseen">, largest activation </span>
              {scale}
            </span>
          ) : (
            <span class="map-state">
              {state}
              <span class="unseen">: {WORDS[state]}</span>
            </span>
          )}
        </span>
      </button>
    );
  }
}
