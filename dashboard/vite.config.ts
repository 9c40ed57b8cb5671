import { defineConfig } from "vitest/config";
import { licenses } from "./build/licenses.ts";

export default defineConfig({
  base: "./",
  plugins: [licenses()],
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
    proxy: {
      "/images": "http://127.0.0.1:7878",
      "/documents": "http://127.0.0.1:7878",
      "/socket": { target: "ws://127.0.0.1:7878", ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
