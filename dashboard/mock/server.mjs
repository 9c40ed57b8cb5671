// Serves the built page under the contract of the real server, with a synthetic run behind it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { hear } from "./controls.mjs";

const PAGE = fileURLToPath(new URL("../../crates/spyhole-sink/dist", import.meta.url));
const TOKEN = "mock";
const BATCH = 256;
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Starts the server; `version` and `openDoor` are for tests. */
export async function serve(timeline, { port, live = true, version = 2, openDoor = false }) {
  const allowed = ({ headers }) => openDoor || (headers.cookie ?? "").includes(`spyhole=${TOKEN}`);
  const asked = { pictures: 0, documents: 0, sockets: [] };

  const http = createServer(async (request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (url.searchParams.get("token") === TOKEN) {
      response.setHeader("Set-Cookie", `spyhole=${TOKEN}; HttpOnly; SameSite=Strict; Path=/`);
      return response.writeHead(303, { Location: "/" }).end();
    }
    if (!allowed(request)) return response.writeHead(401).end("open the address that the training printed");
    const picture = /^\/images\/([0-9a-f]{32})\.png$/.exec(url.pathname);
    if (picture) {
      asked.pictures += 1;
      const png = timeline.run.png(picture[1]);
      if (png === undefined) return response.writeHead(404).end();
      const headers = { "Content-Type": "image/png", "Cache-Control": "private, max-age=31536000, immutable" };
      return response.writeHead(200, headers).end(png);
    }
    const sheet = /^\/documents\/([0-9a-f]{32})\.json$/.exec(url.pathname);
    if (sheet) {
      asked.documents += 1;
      const json = timeline.run.json(sheet[1]);
      if (json === undefined) return response.writeHead(404).end();
      const headers = { "Content-Type": "application/json", "Cache-Control": "private, max-age=31536000, immutable" };
      return response.writeHead(200, headers).end(json);
    }
    const path = normalize(url.pathname === "/" ? "/index.html" : url.pathname);
    try {
      const file = await readFile(join(PAGE, path));
      response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" }).end(file);
    } catch {
      response.writeHead(404).end();
    }
  });

  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url, "http://127.0.0.1");
    if (url.pathname !== "/socket" || !allowed(request)) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (client) => attach(client, Number(url.searchParams.get("after"))));
  });

  function attach(client, after) {
    asked.sockets.push(after);
    const say = (message) => client.send(JSON.stringify(message));
    let sent = after;
    let busy = false;
    const forward = async () => {
      if (busy) return;
      busy = true;
      while (sent < timeline.records.length && client.readyState === client.OPEN) {
        const records = timeline.records.slice(sent, sent + BATCH);
        say({ type: "records", records });
        sent += records.length;
        await new Promise(setImmediate);
        while (client.bufferedAmount > 4e6) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      busy = false;
      say({ type: "status", ...timeline.status });
    };
    say({ type: "hello", version, run_id: timeline.runId, head: timeline.records.length, live });
    say({ type: "status", ...timeline.status });
    forward();
    timeline.listeners.add(forward);
    client.on("message", (data) => {
      const message = JSON.parse(data);
      if (message.type === "cancel") return timeline.desk.cancel(message.id);
      if (live && hear(timeline, message, (refused) => say({ type: "answer", number: message.number, id: null, refused }))) return;
      const refused = live ? timeline.desk.refusal() : "Only the training process can compute this; this run is read from disk.";
      const id = refused === null ? timeline.desk.ask(message.subject) : null;
      say({ type: "answer", number: message.number, id, refused });
    });
    client.on("close", () => timeline.listeners.delete(forward));
  }

  await new Promise((resolve) => http.listen(port, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${http.address().port}`;
  return {
    address,
    door: `${address}/?token=${TOKEN}`,
    port: http.address().port,
    asked,
    async close() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
