import { Component } from "preact";
import type { Layer } from "../../generated/protocol.ts";
import { IMAGE, projectionMeaning } from "../../pictures/meaning.ts";
import { Tile } from "../../pictures/tile.tsx";
import type { FeatureEpoch } from "../../state/features.ts";
import type { Model } from "../../state/model.ts";
import { epochName, number } from "../../state/words.ts";
import { className } from "./focus.ts";

interface Props {
  model: Model;
  layer: Layer;
  map: number;
  epoch: number;
  features: FeatureEpoch;
  previous: FeatureEpoch | undefined;
  index: number;
  left: string;
  size: number;
  selected: boolean;
}

/** One followed map at one epoch. It is drawn again only when something about it has changed. */
export class Cell extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return (Object.keys(next) as (keyof Props)[]).some((key) => next[key] !== this.props[key]);
  }

  override render({ model, map, epoch, features, previous, index, left, size, selected }: Props) {
    const unit = features.followed.ofMap(map, index);
    if (unit === undefined) return null;
    const before = previous?.followed.ofMap(map, index);
    const jumped = before !== undefined && before.image !== unit.image;
    const { atlas } = features;
    const name = className(model, unit.image);
    const words =
      `map ${map}, ${epochName(epoch)}: image ${unit.image}${name ? ` (${name})` : ""}, ` +
      `value ${number(unit.value)}${jumped ? ", another image than before" : ""}`;
    return (
      <div class={`cell${selected ? " selected" : ""}`} role="cell" aria-label={words} style={{ left }}>
        {unit.projection === null ? <Blank size={size} why={unit.not_projected} /> : <Tile atlas={atlas} index={unit.projection} size={size} meaning={projectionMeaning(unit.projection_scale)} name={`map ${map}, ${epochName(epoch)}: projection`} />}
        {unit.patch === null ? <Blank size={size} why={unit.not_projected} /> : <Tile atlas={atlas} index={unit.patch} size={size} meaning={IMAGE} name={`map ${map}, ${epochName(epoch)}: patch`} />}
        {jumped && <i class="jump" />}
      </div>
    );
  }
}

/** In place of a picture that could not be made; `why`: the recorder's words. */
export function Blank({ size, why }: { size: number; why?: string | undefined }) {
  return (
    <span class="blank" style={{ width: `${size}px`, height: `${size}px` }} title={why ?? "could not be projected"}>
      –
    </span>
  );
}
