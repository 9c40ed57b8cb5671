import { batch } from "@preact/signals";
import { connectQuestions, questions } from "../state/asking.ts";
import { applyRecords, reset, store } from "../state/store.ts";
import { Questions } from "../state/questions.ts";
import { Backlog } from "./backlog.ts";
import { Connection, type Wire } from "./socket.ts";

/** Connects the page's state with the server that the page came from. */
export function connect(): void {
  const backlog = new Backlog(applyRecords);
  const connection = new Connection(openSocket, {
    hello(hello) {
      batch(() => {
        store.hello.value = hello;
        store.link.value = { state: "open" };
      });
    },
    records: (records) => backlog.push(records),
    status(status) {
      batch(() => {
        store.status.value = status;
        questions.value = questions.peek().seen(status, Date.now());
      });
    },
    answer(answer) {
      questions.value = questions.peek().answered(answer);
    },
    reset() {
      backlog.clear();
      reset();
      questions.value = new Questions();
    },
    lost(attempts, reason) {
      batch(() => {
        store.link.value = { state: "lost", attempts, reason, refused: false };
        questions.value = questions.peek().disconnected();
      });
      void tellIfRefused(attempts);
    },
    incompatible(server) {
      store.link.value = { state: "incompatible", server };
    },
  });
  connectQuestions((message) => connection.send(message));
  connection.connect();
  setInterval(() => (store.now.value = Date.now()), 1000);
}

function openSocket(after: number): Wire {
  const address = new URL("socket", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.search = `?after=${after}`;
  address.hash = "";
  return new WebSocket(address) as Wire;
}

/** A socket does not say why it was refused; an ordinary request does. */
async function tellIfRefused(attempts: number): Promise<void> {
  try {
    const { status } = await fetch(new URL("./", location.href), { method: "HEAD", cache: "no-store" });
    const link = store.link.peek();
    if (status === 401 && link.state === "lost" && link.attempts === attempts) {
      store.link.value = { ...link, refused: true };
    }
  } catch {
    // The server is not there: trying again is all there is to do.
  }
}
