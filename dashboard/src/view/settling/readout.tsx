import { useModel } from "../../state/store.ts";
import { reading } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { gapWords } from "../evolution/gap.ts";
import { Link } from "../link.tsx";
import { pointed } from "./pointed.ts";
import { QUANTITIES, valueOf } from "./quantities.ts";
import { sinceWords, standingAt, standingWords } from "./states.ts";

/** The numbers of the cell under the pointer, otherwise of the selected one. */
export function Readout(selected: { layer: string; epoch: number }) {
  const model = useModel();
  const { layer, epoch } = pointed.value ?? selected;
  const changes = model.changes.of(layer);
  const previous = changes?.value("previous", epoch);
  const floor = changes?.value("floor", epoch);
  const ranked = changes?.value("top_rank_overlap", epoch);
  const now = changes?.likeness?.epoch;
  return (
    <section class="readout settling-readout" aria-label="Numbers of the cell">
      <h2>
        {layer}, {epochName(epoch)}
      </h2>
      {changes === undefined || !changes.has(epoch) ? (
        <p>{gapWords(model, layer, epoch, "layer_evolution")}</p>
      ) : (
        <>
          <p>
            {standingWords(standingAt(model, layer, epoch))}
            {previous == null ? " · the first reading: nothing before it" : ` · compared with ${epochName(previous)}`}
          </p>
          <dl class="facts">
            {QUANTITIES.map((quantity) => {
              const value = valueOf(quantity, changes, epoch);
              return (
                <div key={quantity.id}>
                  <dt>{quantity.field === undefined ? `Likeness to ${now === undefined ? "now" : epochName(now)}` : quantity.label}</dt>
                  <dd>
                    <b>{value == null ? "–" : reading(value, quantity.scale)}</b>
                    {quantity.id === "change" && floor != null && <small> ± {Number(floor.toPrecision(1))}</small>}
                    {quantity.id === "overlap" && ranked != null && (
                      <small title="Rank-biased overlap, p = .8: the first places count most"> by rank {reading(ranked, "share")}</small>
                    )}
                  </dd>
                </div>
              );
            })}
          </dl>
          {now !== undefined && (
            <p title="Representation: 1 − CKA at most a fifth of what it was at the start. Images: at least half of the strongest images, in half of the live maps.">
              Like {epochName(now)} since: <b>{sinceWords(changes.value("close_since", now), now)}</b> by representation,{" "}
              <b>{sinceWords(changes.value("top_close_since", now), now)}</b> by strongest images
            </p>
          )}
        </>
      )}
      <p class="links">
        <Link to={{ view: "evolution", layer, epoch, show: "grid", rows: "followed", map: undefined }}>its maps</Link>
        <Link to={{ view: "evolution", layer, epoch, show: "film", map: undefined }}>film strip</Link>
        <Link to={{ view: "evolution", layer, epoch, show: "pair", map: undefined }}>beside another epoch</Link>
      </p>
    </section>
  );
}
