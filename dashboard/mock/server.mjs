// Serves the built page under the contract of the real server, with synthetic runs behind it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { attach } from "./socket.mjs";
import { page, summary } from "./runs.mjs";

const PAGE = fileURLToPath(new URL("../../crates/spyhole-sink/dist", import.meta.url));
const TOKEN = "mock";
export const VERSION = 3;
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
const FOREVER = { "Cache-Control": "private, max-age=31536000, immutable" };

/**
 * Starts the server. `timelines` is one timeline or several; `version`, `openDoor`, `unreadable` (runs that cannot be
 * read), `far` (how many records behind gets a snapshot) and `slow` (milliseconds between small portions of records, and
 * up to ten times as many before an answer) are for tests. What goes wrong on demand is in `trouble`
 * of the answer: `delay` in milliseconds, `hold` (a promise to wait for) and `fail` (a status) of pages of history.
 */
export async function serve(timelines, { port, live = true, version = VERSION, openDoor = false, unreadable = [], far = 2000, slow = 0 }) {
  // A run that is added to the list while the server runs is shown like the others.
  const all = Array.isArray(timelines) ? timelines : [timelines];
  const allowed = ({ headers }) => openDoor || (headers.cookie ?? "").includes(`spyhole=${TOKEN}`);
  const asked = { pictures: 0, documents: 0, sockets: [], records: [] };
  const trouble = { delay: 0, hold: undefined, fail: 0 };
  const byKey = (key) => all.find((timeline) => timeline.run.id === key);

  const list = () => ({
    version,
    runs: [
      ...all.map((timeline) => summary(timeline, live)).sort((a, b) => (b.started_ms ?? 0) - (a.started_ms ?? 0)),
      ...unreadable.map(({ name, problem }) => ({ key: name, name, directory: `runs/${name}`, problem, started_ms: null, status: null, worst_alert: null, active_alerts: 0, live: false })),
    ],
  });

  async function ofRun(timeline, rest, url, response) {
    const json = (value, more = {}) => response.writeHead(200, { "Content-Type": "application/json", ...more }).end(value);
    const picture = /^images\/([0-9a-f]{32})\.png$/.exec(rest);
    if (picture) {
      asked.pictures += 1;
      const png = timeline.run.png(picture[1]);
      if (png !== undefined) return response.writeHead(200, { "Content-Type": "image/png", ...FOREVER }).end(png);
    }
    const sheet = /^documents\/([0-9a-f]{32})\.json$/.exec(rest);
    if (sheet) {
      asked.documents += 1;
      const text = timeline.run.json(sheet[1]);
      if (text !== undefined) return json(gzipSync(text), { "Content-Encoding": "gzip", ...FOREVER });
    }
    if (rest === "records") {
      asked.records.push(url.search);
      if (trouble.delay > 0) await new Promise((resolve) => setTimeout(resolve, trouble.delay));
      await trouble.hold;
      if (trouble.fail > 0) return response.writeHead(trouble.fail).end();
      return json(page(timeline, url.searchParams));
    }
    return response.writeHead(404).end();
  }

  const http = createServer(async (request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    if (url.searchParams.get("token") === TOKEN) {
      response.setHeader("Set-Cookie", `spyhole=${TOKEN}; HttpOnly; SameSite=Strict; Path=/`);
      return response.writeHead(303, { Location: "/" }).end();
    }
    if (!allowed(request)) return response.writeHead(401).end("open the address that the training printed");
    if (url.pathname === "/runs") return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(list()));
    if (slow > 0) await new Promise((resolve) => setTimeout(resolve, 10 * slow * Math.random()));
    const [, key, rest] = /^\/runs\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    if (key !== undefined) {
      const timeline = byKey(decodeURIComponent(key));
      return timeline === undefined ? response.writeHead(404).end() : ofRun(timeline, rest, url, response);
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
    const [, key] = /^\/runs\/([^/]+)\/socket$/.exec(url.pathname) ?? [];
    const timeline = key && byKey(decodeURIComponent(key));
    if (!allowed(request)) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    if (!timeline) return socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (client) => {
      const after = Number(url.searchParams.get("after"));
      asked.sockets.push(after);
      attach(client, timeline, { after, live, version, far, slow });
    });
  });

  await new Promise((resolve) => http.listen(port, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${http.address().port}`;
  return {
    address,
    door: `${address}/?token=${TOKEN}`,
    cookie: `spyhole=${TOKEN}`,
    port: http.address().port,
    asked,
    trouble,
    async close() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
