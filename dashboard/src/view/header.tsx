import { useRef } from "preact/hooks";
import { theme, type Theme } from "../navigation/preferences.ts";
import { helpOpen } from "../navigation/keyboard.ts";
import { source } from "../source/current.ts";
import { store, useModel } from "../state/store.ts";
import { linkWords } from "../state/words.ts";
import { Announcer } from "./announce.tsx";
import { FaultList } from "./faults.tsx";
import { DarkIcon, LightIcon, Mark, SystemIcon } from "./icons.tsx";
import { HistoryState } from "./history.tsx";
import { Menu } from "./menu.tsx";
import { Progress } from "./progress.tsx";
import { RunPicker } from "./runs/picker.tsx";
import { StopButton } from "./stop.tsx";

export function Header() {
  return (
    <header class="top">
      <div class="bar">
        <div class="start">
          <h1 class="brand">
            <Mark />
            <span>spyhole</span>
          </h1>
        </div>
        <div class="end">
          <LinkState />
          <ThemeButton />
          <button class="round" type="button" title="Help and keys (?)" aria-label="Help and keys" onClick={openHelp}>
            ?
          </button>
        </div>
      </div>
      <Announcer />
      <div class="bar second">
        <RunPicker />
        <Progress />
        <Counts />
        <StopButton />
      </div>
      <ReportNote />
      <HistoryState />
      <Menu />
    </header>
  );
}

/** In a report: when it was written, and what it does not hold. */
function ReportNote() {
  const { report } = source;
  if (report === undefined) return null;
  return (
    <p class="report-note">
      A report of {new Date(report.made_ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}: the run as it was then.
      {report.left_out !== null && ` Left out: ${report.left_out}`}
    </p>
  );
}

function openHelp(): void {
  helpOpen.value = true;
}

function LinkState() {
  const { tone, text, detail } = linkWords(store.link.value, store.hello.value);
  return (
    <span class={`pill ${tone}`} title={detail} role="status">
      <i class="dot" />
      {text}
    </span>
  );
}

const NEXT: { [theme in Theme]: Theme } = { system: "light", light: "dark", dark: "system" };
const THEME_NAME: { [theme in Theme]: string } = { system: "like the system", light: "light", dark: "dark" };

function ThemeButton() {
  const Icon = { system: SystemIcon, light: LightIcon, dark: DarkIcon }[theme.value];
  const label = `Colours: ${THEME_NAME[theme.value]}`;
  return (
    <button
      class="round"
      type="button"
      aria-label={label}
      title={label}
      onClick={() => (theme.value = NEXT[theme.value])}
    >
      <Icon />
    </button>
  );
}

function Counts() {
  const model = useModel();
  const dialog = useRef<HTMLDialogElement>(null);
  const dropped = Math.max(model.dropped, store.status.value?.snapshots_dropped ?? 0);
  const faults = model.faults.total;
  return (
    <div class="counts">
      {model.starts > 1 && (
        <span class="count" title="The run was interrupted and went on. Epochs that were trained again are shown as they were trained last; Training says what was left.">
          started {model.starts} times
        </span>
      )}
      <span
        class={`count${dropped > 0 ? " notable" : ""}`}
        title="Epochs without pictures, because the analysis of an earlier epoch was still running. Training never waits."
      >
        {dropped} dropped
      </span>
      <button
        type="button"
        class={`count${faults > 0 ? " alarming" : ""}`}
        disabled={faults === 0}
        onClick={() => dialog.current?.showModal()}
      >
        {faults} {faults === 1 ? "fault" : "faults"}
      </button>
      <FaultList dialog={dialog} faults={model.faults} />
    </div>
  );
}
