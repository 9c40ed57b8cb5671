#!/usr/bin/env bash
# Runs every test of spyhole, and fetches what they need first. Rust and Node must be there; on Debian
# and Ubuntu it installs Chromium and faketime if they are missing, elsewhere set CHROMIUM to yours.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

export CHROMIUM="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}"
if [ -z "$CHROMIUM" ]; then
  say "installing Chromium, for the tests in a browser"
  sudo=""
  if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
  if ! command -v apt-get >/dev/null; then
    echo "Chromium is missing: install it, or set CHROMIUM to its path" >&2
    exit 1
  fi
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null
  CHROMIUM="$(command -v chromium)"
fi

if [ "$(uname)" = Linux ] && ! command -v faketime >/dev/null; then
  say "installing faketime, for the test of a clock that jumps"
  if ! command -v apt-get >/dev/null; then
    echo "faketime is missing: install it (libfaketime)" >&2
    exit 1
  fi
  sudo=""
  if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq --no-install-recommends faketime >/dev/null
fi

say "fetching the dashboard's npm packages"
(cd dashboard && npm ci --no-audit --no-fund --loglevel=error)

say "the dashboard: types, unit tests, is the committed build fresh?"
(cd dashboard && npm run --silent check && npm test --silent && npm run --silent fresh)

say "the crates and the end-to-end tests (the first time this compiles Burn: some minutes)"
cargo build --quiet --workspace --bins --examples
cargo test --workspace

say "the dashboard in Chromium"
(cd dashboard && npm run --silent test:browser)

say "all tests passed"
