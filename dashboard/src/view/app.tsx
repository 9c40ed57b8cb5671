import type { ComponentChildren } from "preact";
import { route } from "../navigation/navigate.ts";
import { store, useModel } from "../state/store.ts";
import { Activations } from "./activations/activations.tsx";
import { Alerts } from "./alerts/alerts.tsx";
import { Compare } from "./compare/compare.tsx";
import { Directions } from "./directions/directions.tsx";
import { Embedding } from "./embedding/embedding.tsx";
import { Evolution } from "./evolution/evolution.tsx";
import { Enlarged } from "./enlarged.tsx";
import { Filters } from "./filters/filters.tsx";
import { Header } from "./header.tsx";
import { Health } from "./health/health.tsx";
import { Help } from "./help.tsx";
import { Notice } from "./notice.tsx";
import { Occlusion } from "./occlusion/occlusion.tsx";
import { Overview } from "./overview/overview.tsx";
import { PixelReadout } from "./pixel.tsx";
import { Absent } from "./runs/absent.tsx";
import { Settling } from "./settling/settling.tsx";
import { Training } from "./training/training.tsx";
import { Units } from "./units/units.tsx";

const VIEWS = {
  overview: Overview,
  evolution: Evolution,
  settling: Settling,
  filters: Filters,
  health: Health,
  alerts: Alerts,
  training: Training,
  activations: Activations,
  units: Units,
  directions: Directions,
  embedding: Embedding,
  occlusion: Occlusion,
  compare: Compare,
};

export function App() {
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        Skip to the content
      </a>
      <Header />
      <Main>
        <Content />
      </Main>
      <PixelReadout />
      <Enlarged />
      <Help />
    </>
  );
}

/** Busy as long as what the server had when it answered is not all here. */
function Main({ children }: { children: ComponentChildren }) {
  const { seq } = useModel();
  const { state } = store.link.value;
  const head = store.hello.value?.head;
  const busy = (state === "connecting" || state === "open") && (head === undefined || seq < head);
  return (
    <main id="content" tabIndex={-1} aria-busy={busy}>
      {children}
    </main>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Content() {
  const model = useModel();
  const link = store.link.value;
  if (link.state === "incompatible") {
    return (
      <Notice title="This page and the server do not fit together">
        The server speaks version {link.server} of spyhole's language and this page another one. Reload the page; if
        that does not help, use the <code>spyhole</code> command of the version that runs the training.
      </Notice>
    );
  }
  if (link.state === "absent") return <Absent run={link.run} problem={link.problem} />;
  if (model.run === undefined) return <Waiting />;
  const View = VIEWS[route.value.view];
  return <View />;
}

function Waiting() {
  const link = store.link.value;
  const hello = store.hello.value;
  if (link.state === "lost" && link.refused) {
    return (
      <Notice title="This address is no longer valid">
        Every training has an address of its own. Open the one that the training printed when it started.
      </Notice>
    );
  }
  if (link.state === "lost") {
    return (
      <Notice title="The server does not answer" busy>
        {link.reason !== "" && <b>It said: {link.reason}. </b>}
        The page keeps trying. Is the training, or <code>spyhole view</code>, still running? If you look at it through a
        tunnel, is the tunnel still open?
      </Notice>
    );
  }
  if (hello === undefined) return <Notice title="Connecting" busy />;
  if (hello.head > 0) return <Notice title="Reading the run's history" busy />;
  if (store.status.value?.state === "ended") {
    return (
      <Notice title="This run ended before it began">
        Nothing was recorded before its first epoch. What the program printed may say why.
      </Notice>
    );
  }
  return (
    <Notice title="The run has not started yet" busy>
      As soon as it begins, the layers of its network appear here. Nothing to do: this page updates by itself.
    </Notice>
  );
}
