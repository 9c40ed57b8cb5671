import { store, useModel } from "../../state/store.ts";
import { duration, fineDuration, runWords } from "../../state/words.ts";
import { leftOutWords } from "../study/words.ts";
import { Panel } from "./panel.tsx";
import { trainingAnswer } from "./answers.ts";

/** Is it training? */
export function TrainingPanel() {
  const model = useModel();
  const status = store.status.value;
  const now = store.now.value;
  const live = store.hello.value?.live ?? true;
  const connected = store.link.value.state !== "lost";
  const words = runWords(status, model.ended, now, live, connected);
  const last = status?.last_epoch ?? model.run?.last_epoch ?? null;
  const epoch = status?.epoch ?? model.newestEpoch;
  const going = model.ended === undefined && words.tone === "busy" && status?.state === "training";
  const each = model.pace.each;
  const end = status?.stopping != null ? epoch : last;
  const remaining = going && end !== null ? model.pace.remaining(end, epoch, now) : undefined;
  const ended = model.ended !== undefined || status?.state === "ended";
  const leftOut = model.ended && leftOutWords(model.ended);
  return (
    <Panel name="training" question="Is it training?" more={{ view: "training", epoch: undefined }} moreWords="all metrics">
      <p class={`answer ${words.tone}`}>
        <i class="dot" /> {trainingAnswer(words, status, model.ended, model.run?.inspection)}
      </p>
      {words.detail !== undefined && <p class="detail-words">{words.detail}</p>}
      {leftOut !== undefined && <p class="detail-words">{leftOut}</p>}
      {status?.stopping != null && !ended && (
        <p class="detail-words">
          <b>Stopping after this epoch</b>: {status.stopping}
        </p>
      )}
      {last !== null && last > 0 && (
        <div class="epochs-bar">
          <progress aria-label="Epochs" max={last} value={Math.min(last, epoch)} />
          <span>
            epoch <b>{epoch}</b> of {last}
          </span>
        </div>
      )}
      <dl class="key-facts">
        {last === null && <Fact name="epoch" value={String(epoch)} />}
        {model.run?.inspection !== true && <Fact name="time per epoch" value={each === undefined ? "not known yet" : fineDuration(each)} />}
        {going && <Fact name="remaining, about" value={remaining === undefined ? "not known yet" : remaining < 1500 ? "almost done" : duration(remaining)} />}
        {!ended && status !== undefined && status.alive_ms > 0 && <Fact name="last sign of life" value={ago(now - status.alive_ms)} />}
        {model.starts > 1 && <Fact name="started" value={`${model.starts} times`} />}
      </dl>
    </Panel>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function ago(ms: number): string {
  return ms < 3000 ? "just now" : `${duration(ms)} ago`;
}
