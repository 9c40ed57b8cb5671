import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** What `spyhole export` fills; it is in the file once, exactly so. */
const PLACE = '<script type="application/json" id="spyhole-report"></script>';

/** It runs before the page's program, and is not part of the bundle. */
const START = /<script[^>]*src="\.\/start\.js"[^>]*><\/script>/;

/** A report shows what is in its file and nothing else: the browser lets it fetch nothing. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** Writes `report.html`: the page with everything in one file, which works when it is opened from a disk. */
export function report(): Plugin {
  return {
    name: "report",
    enforce: "post",
    generateBundle(_, bundle) {
      const text = (name: (file: string) => boolean): string => {
        const found = Object.values(bundle).filter(({ fileName }) => name(fileName));
        if (found.length !== 1) throw new Error(`report.html needs one such file, there are ${found.length}: ${found.map(({ fileName }) => fileName)}`);
        const [file] = found;
        return file!.type === "chunk" ? file!.code : String(typeof file!.source === "string" ? file!.source : new TextDecoder().decode(file!.source));
      };
      const script = text((file) => file.endsWith(".js")).replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
      const style = text((file) => file.endsWith(".css"));
      const licences = text((file) => file === "licenses.txt").replaceAll("<", "\\u003c");
      if (/url\((?!["']?data:)/.test(style)) throw new Error("report.html: the style sheet fetches files");
      const page = text((file) => file === "index.html");
      if (!START.test(page)) throw new Error("report.html: the page does not load start.js");
      const start = readFileSync(new URL("../public/start.js", import.meta.url), "utf8");
      const html = page
        .replace(/\s*<link rel="(icon|stylesheet|modulepreload)"[^>]*>/g, "")
        .replace(/\s*<script type="module"[^>]*><\/script>/, "")
        .replace(START, () => `<script>\n${start}</script>`)
        .replace("<meta name=", () => `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />\n    <meta name=`)
        .replace("</head>", () => `<style>\n${style}</style>\n  </head>`)
        .replace(
          "</body>",
          () =>
            `${PLACE}\n    <script type="text/plain" id="spyhole-licenses">\n${licences}</script>\n    <script type="module">\n${script}</script>\n  </body>`,
        );
      if (html.split(PLACE).length !== 2) throw new Error("report.html: the place for the report is not there once");
      this.emitFile({ type: "asset", fileName: "report.html", source: html });
    },
  };
}
