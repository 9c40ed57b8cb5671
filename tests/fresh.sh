#!/usr/bin/env bash
# Builds what README and guide tell people to write: every attach page's programs, each page as a crate of its own,
# outside the workspace and without its lock file, so that dependencies are resolved as they are for somebody who begins
# today. Needs nothing but cargo and compiles Burn once, some minutes: for before a release, not a part of
# tests/run.sh.
#
# The programs are compiled with `panic = "abort"`, which a small binary's profile may say as well, and one of them is
# run: the run has to tell of it.
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target/fresh}"
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT

# The line of a page that adds Burn.
burn_of() { sed -n '/^```toml/,/^```/p' "$1" | grep '^burn = '; }

# crate PAGE NAME: a crate with the dependencies that the page tells, or else the README.
crate() {
  local dir="$place/$2" line
  mkdir -p "$dir/src/bin"
  line="$(burn_of "$1" || burn_of README.md)"
  cat >"$dir/Cargo.toml" <<TOML
[package]
name = "$2"
edition = "2024"

[dependencies]
$line
spyhole = { path = "$root/crates/spyhole" }

[profile.dev]
panic = "abort"
debug = false
TOML
}

# programs PAGE DIR: each block of Rust as a program, made as rustdoc makes it.
programs() {
  awk -v dir="$2/src/bin" '
    /^```rust/ && !/ignore/ { file = sprintf("%s/block%d.rs", dir, ++count); inside = 1; print "#![allow(unused)]\nfn main() {" >file; next }
    /^```/ && inside { print "}" >file; close(file); inside = 0; next }
    inside { sub(/^# /, ""); sub(/^#$/, ""); print >file }
    END { if (!count) exit 1 }
  ' "$1"
}

for page in attach/burn-train attach/own-loop attach/devices inspect; do
  name="$(basename "$page")"
  printf '\n== %s (%d s)\n' "docs/src/$page.md" "$SECONDS"
  crate "docs/src/$page.md" "$name"
  programs "docs/src/$page.md" "$place/$name"
  (cd "$place/$name" && cargo build --quiet)
done

printf '\n== README.md, and a run of it (%d s)\n' "$SECONDS"
crate README.md first-run
cat >"$place/first-run/src/main.rs" <<'RUST'
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use spyhole::{ProbeSet, Spyhole};

fn main() -> Result<(), spyhole::SpyholeError> {
    let device = Device::flex();
    let images = Tensor::<4>::random([4, 1, 8, 8], burn::tensor::Distribution::Default, &device);
    let net: Conv2d = Conv2dConfig::new([1, 4], [3, 3]).init(&device);
    let spyhole = Spyhole::builder("run", ProbeSet::new(images)).no_dashboard().build()?;
    let watch = spyhole.watch(&net, |net, images| net.forward(images))?;
    watch.observe(1, &net);
    watch.finish();
    for record in spyhole.log().records_after(0, usize::MAX)? {
        println!("{:?}", record.event);
    }
    Ok(())
}
RUST
(cd "$place/first-run" && cargo run --quiet) >"$place/said"
for words in 'EpochAnalysed(EpochAnalysed { epoch: 1,' 'this program is compiled with `panic = \"abort\"`'; do
  grep -qF "$words" "$place/said" || { echo "the run does not say: $words" >&2; cat "$place/said" >&2; exit 1; }
done
if grep 'Fault(' "$place/said" | grep -v 'part: "panics"' >&2; then
  echo "the run has faults" >&2
  exit 1
fi
resolved() { sed -n "/^name = \"$1\"/{n;s/version = \"\(.*\)\"/$1 \1/p}" "$place/first-run/Cargo.lock"; }
printf '\n== all built, with %s and %s (%d s)\n' "$(resolved burn)" "$(resolved burn-train)" "$SECONDS"
