import { defineConfig } from "vitest/config";
import { licenses } from "./build/licenses.ts";
import { report } from "./build/report.ts";

export default defineConfig({
  base: "./",
  plugins: [licenses(), report()],
  build: {
    outDir: "../crates/spyhole-sink/dist",
    emptyOutDir: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    // The page's content security policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  server: {
    // `npm run dev` next to `npm run mock -- --open-door`.
    host: "127.0.0.1",
    proxy: { "/runs": { target: "http://127.0.0.1:7878", ws: true } },
  },
  test: { include: ["src/**/*.test.ts"] },
});
