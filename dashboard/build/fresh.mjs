// Builds into a temporary folder and compares it with the committed build.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));
const committed = resolve(here, "../crates/spyhole-sink/dist");
const fresh = mkdtempSync(join(tmpdir(), "spyhole-dashboard-"));

function files(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch {
    return [];
  }
}

try {
  execFileSync(
    process.execPath,
    [join(here, "node_modules/vite/bin/vite.js"), "build", "--outDir", fresh, "--emptyOutDir", "--logLevel", "warn"],
    { cwd: here, stdio: "inherit" },
  );
  const [old, now] = [files(committed), files(fresh)];
  const differences = [
    ...now.filter((file) => !old.includes(file)).map((file) => `missing: ${file}`),
    ...old.filter((file) => !now.includes(file)).map((file) => `left over: ${file}`),
    ...now
      .filter((file) => old.includes(file))
      .filter((file) => !readFileSync(join(fresh, file)).equals(readFileSync(join(committed, file))))
      .map((file) => `differs: ${file}`),
  ];
  if (differences.length > 0) {
    console.error("crates/spyhole-sink/dist is not what dashboard/ builds:");
    for (const difference of differences) console.error(`  ${difference}`);
    console.error("Run `npm ci && npm run build` in dashboard/ and commit the result.");
    process.exitCode = 1;
  } else {
    console.log(`crates/spyhole-sink/dist is fresh (${now.length} files).`);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
