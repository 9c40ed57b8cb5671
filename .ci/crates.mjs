// What must hold for every crate that is compiled in: its licence lets spyhole be given away under MIT or Apache-2.0,
// it comes from crates.io, and every crate of this workspace follows the workspace's lints (no `unsafe`).
//
// Known vulnerabilities are not looked up here: that needs a database from the network. `cargo audit` does it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

// Each alternative of a licence expression must be one of these somewhere.
const ALLOWED = new Set([
  "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT",
  "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
  // Weak copyleft by file: nothing of theirs is changed here.
  "MPL-2.0",
]);

// `A OR B`, `A AND B`, `(A OR B) AND C WITH exception`; old crates write `A/B` for `A OR B`.
function allowed(expression) {
  const words = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const one = () => {
    if (words[at] === "(") {
      at++;
      const inner = any();
      at++;
      return inner;
    }
    const known = ALLOWED.has(words[at++]);
    if (words[at] === "WITH") at += 2;
    return known;
  };
  const all = () => {
    let result = one();
    while (words[at] === "AND") { at++; const next = one(); result = result && next; }
    return result;
  };
  const any = () => {
    let result = all();
    while (words[at] === "OR") { at++; const next = all(); result = result || next; }
    return result;
  };
  return any() && at === words.length;
}

const cargo = (...options) => execFileSync("cargo", options, { encoding: "utf8", maxBuffer: 1 << 28 });

const problems = [];
const metadata = JSON.parse(cargo("metadata", "--format-version", "1", "--locked", "--no-deps"));
for (const { name, manifest_path: manifest } of metadata.packages) {
  if (!/^\[lints\]\r?\nworkspace = true$/m.test(readFileSync(manifest, "utf8"))) {
    problems.push(`${name} does not follow the workspace's lints: add [lints] workspace = true`);
  }
}
if (!/^unsafe_code = "forbid"$/m.test(readFileSync("Cargo.toml", "utf8"))) {
  problems.push("the workspace's lints no longer forbid `unsafe`");
}
// What is compiled in on any platform, with any feature. A line is `NAME VERSION|LICENCE`, or
// `NAME VERSION (PLACE)|LICENCE` for what is not from crates.io.
const ours = new Set(metadata.packages.map(({ name }) => name));
const edges = ["--edges", "normal,build", "--target", "all", "--all-features"];
const lines = cargo("tree", "--workspace", "--locked", ...edges, "--prefix", "none", "--format", "{p}|{l}");
const crates = new Map(lines.split("\n").filter(Boolean).map((line) => line.replace(" (*)", "").split("|")));
for (const [crate, licence] of crates) {
  if (ours.has(crate.split(" ")[0])) continue;
  const place = crate.match(/\((?!proc-macro)(.*)\)/);
  if (place) problems.push(`${crate} does not come from crates.io`);
  if (!allowed(licence)) problems.push(`${crate} is under ${licence || "no named licence"}`);
}
if (crates.size < 100) problems.push("cargo tree tells too little to judge");
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${crates.size} crates`);
