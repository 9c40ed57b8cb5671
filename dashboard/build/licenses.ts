import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

/** Writes `licenses.txt` next to the page: the licence text of every package whose code is in it. */
export function licenses(): Plugin {
  return {
    name: "licenses",
    generateBundle() {
      const folders = new Set<string>();
      for (const id of this.getModuleIds()) {
        const folder = packageFolder(id);
        if (folder !== undefined) folders.add(folder);
      }
      const texts = [...folders].sort(byName).map(licenceOf);
      this.emitFile({
        type: "asset",
        fileName: "licenses.txt",
        source: `The dashboard contains code of these packages.\n\n${texts.join("\n")}`,
      });
    },
  };
}

function packageFolder(id: string): string | undefined {
  const at = id.lastIndexOf("/node_modules/");
  if (at < 0) return undefined;
  let folder = dirname(id.split("?")[0] ?? id);
  while (folder.length > at) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && "version" in JSON.parse(readFileSync(manifest, "utf8"))) return folder;
    folder = dirname(folder);
  }
  return undefined;
}

function byName(a: string, b: string): number {
  const [x, y] = [a, b].map((folder) => folder.slice(folder.lastIndexOf("/node_modules/")));
  return x! < y! ? -1 : 1;
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  const rule = "=".repeat(80);
  return `${rule}\n${name} ${version} (${license})\n${rule}\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
