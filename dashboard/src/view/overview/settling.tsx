import type { Layer } from "../../generated/protocol.ts";
import type { LayerChanges } from "../../state/changes.ts";
import { useModel } from "../../state/store.ts";
import { reading, sentence } from "../../state/value.ts";
import { epochName } from "../../state/words.ts";
import { Link } from "../link.tsx";
import { STATES } from "../settling/states.ts";
import { Panel } from "./panel.tsx";

/** A layer settles with so many quiet readings in a row. */
const QUIET_READINGS = 3;

/** Which layers have settled? */
export function SettlingPanel() {
  const model = useModel();
  const layers = model.run?.layers ?? [];
  const { newest } = model.settlings;
  const caution = model.run?.probe.caution;
  const settled = newest?.layers.filter(({ state }) => state === "settled" || state === "frozen").length ?? 0;
  const early = newest === undefined || (model.newestEpoch < QUIET_READINGS && newest.layers.every(({ state }) => state === "moving"));
  const read = layers.filter(({ name }) => model.changes.of(name) !== undefined).length;
  return (
    <Panel name="settling" question="Which layers have settled?" more={{ view: "settling", epoch: undefined }} moreWords="all epochs">
      {read === 0 ? (
        <p class="detail-words">
          {model.newestEpoch === 0
            ? "Nothing to compare yet: a change is measured from one analysed epoch to the next."
            : "This run does not say: nothing was recorded of how its layers change."}
        </p>
      ) : caution !== undefined ? (
        <>
          <p class="answer quiet">Cannot be told</p>
          <p class="detail-words">{sentence(caution)}</p>
        </>
      ) : model.single ? (
        <>
          <p class="answer quiet">A single model says nothing about change</p>
          <p class="detail-words">Looked into one after the other, the checkpoints of a training do.</p>
        </>
      ) : (
        <>
          <p class="answer quiet">
            {early ? "Too early to tell: a layer settles with the third quiet reading" : `${settled} of ${newest.layers.length}`}
          </p>
          {!early && newest.layers.length <= 8 && <p class="detail-words">{newest.statement}</p>}
          <ul class={`layer-rows${layers.length > 12 ? " many" : ""}`}>
            {layers.map((layer) => (
              <Row key={layer.name} layer={layer} early={early} />
            ))}
          </ul>
          <p class="layer-key" hidden={newest === undefined}>
            <span>
              <i class="change-bar" aria-hidden="true">
                <i style={{ width: "60%" }} />
              </i>{" "}
              how much the layer changed in its newest epoch: from 0.1 % (empty) over 1 % and 10 % (thirds) to everything (full), logarithmic
            </span>
          </p>
        </>
      )}
    </Panel>
  );
}

function Row({ layer: { name, status }, early }: { layer: Layer; early: boolean }) {
  const model = useModel();
  const changes = model.changes.of(name);
  if (changes === undefined) {
    const why = status.status === "unsupported" ? `unsupported: ${status.operation}` : "not read yet";
    return (
      <li>
        <span class="layer-row off">
          <b title={name}>{name}</b>
          <span>{why}</span>
        </span>
      </li>
    );
  }
  const known = model.settlings.standing(name);
  const standing = early && known?.state === "moving" ? undefined : known;
  const state = standing && STATES[standing.state];
  return (
    <li>
      <Link to={{ view: "settling", layer: name, epoch: undefined, map: undefined }} class={`layer-row ${standing?.state ?? "early"}`}>
        <b title={name}>{name}</b>
        <span title={state?.meaning}>
          <i class="state-mark" aria-hidden="true">
            {state?.mark ?? "·"}
          </i>
          {state?.name ?? "nothing to compare with yet"}
          {standing?.since != null && ` since ${standing.since}`}
        </span>
        <ChangeBar changes={changes} />
      </Link>
    </li>
  );
}

/** The layer's newest change, on a logarithmic scale of three powers of ten. */
function ChangeBar({ changes }: { changes: LayerChanges }) {
  const epoch = changes.epochs.at(-1);
  const value = epoch === undefined ? undefined : changes.value("change", epoch);
  if (value == null || epoch === undefined) return <small class="change-words">no change known</small>;
  const width = value <= 0 ? 0 : Math.min(1, Math.max(0, 1 + Math.log10(value) / 3));
  return (
    <>
      <i class="change-bar" aria-hidden="true">
        <i style={{ width: `${100 * width}%` }} />
      </i>
      <small class="change-words" title={`change in ${epochName(epoch)}`}>
        <span class="unseen">change </span>
        {reading(Number(value.toPrecision(2)), "share")}
      </small>
    </>
  );
}
