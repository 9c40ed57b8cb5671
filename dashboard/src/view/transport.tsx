import { go } from "../navigation/navigate.ts";
import { playing, speed, SPEEDS, step, togglePlay } from "../navigation/playback.ts";
import type { Selection } from "../navigation/selection.ts";
import { epochName } from "../state/words.ts";
import { BackIcon, ForwardIcon, PauseIcon, PlayIcon } from "./icons.tsx";

/** Play, speed, and the slider over epochs. */
export function Transport({ selection }: { selection: Selection }) {
  const { epochs, epoch, newest } = selection;
  const at = epoch === undefined ? 0 : epochs.indexOf(epoch);
  const last = Math.max(0, epochs.length - 1);
  const few = epochs.length < 2;
  const words = epoch === undefined ? "no epoch yet" : epoch === 0 ? "untrained" : `epoch ${epoch}`;
  return (
    <div class="transport" role="group" aria-label="Epochs">
      <button type="button" class="round" aria-label="Epoch before" title="Epoch before (←)" onClick={() => step(-1)}>
        <BackIcon />
      </button>
      <button
        type="button"
        class="round play"
        disabled={few}
        aria-label={playing.value ? "Stop" : "Play"}
        title={playing.value ? "Stop (space)" : "Play through the epochs (space)"}
        onClick={togglePlay}
      >
        {playing.value ? <PauseIcon /> : <PlayIcon />}
      </button>
      <button type="button" class="round" aria-label="Epoch after" title="Epoch after (→)" onClick={() => step(1)}>
        <ForwardIcon />
      </button>
      <input
        type="range"
        aria-label="Epoch"
        aria-valuetext={epoch === undefined ? "none yet" : epochName(epoch)}
        min={0}
        max={last}
        value={at}
        disabled={few}
        onInput={({ currentTarget }) => {
          playing.value = false;
          const index = Number(currentTarget.value);
          go({ epoch: index >= last ? undefined : epochs[index] });
        }}
      />
      <output class="epoch-name">{words}</output>
      <button
        type="button"
        class="follow"
        aria-pressed={newest}
        title="Always show the newest epoch (End)"
        onClick={() => go({ epoch: newest ? epoch : undefined })}
      >
        newest
      </button>
      <label class="speed">
        <select
          aria-label="Speed"
          value={speed.value}
          onChange={({ currentTarget }) => (speed.value = Number(currentTarget.value))}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each} / s
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
