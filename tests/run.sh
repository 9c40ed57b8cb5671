#!/usr/bin/env bash
# Runs every test of spyhole, and fetches what they need first. Rust, Node and Python must be there; on Debian and
# Ubuntu it installs Chromium, Xvfb and a software Vulkan if they are missing, elsewhere set CHROMIUM to yours.
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

if ! command -v xvfb-run >/dev/null || ! ls /usr/share/vulkan/icd.d/lvp_icd*.json >/dev/null 2>&1; then
  say "installing Xvfb and a software Vulkan, for the rerun viewer without a screen"
  if ! command -v apt-get >/dev/null; then
    echo "xvfb-run, or Mesa's software Vulkan (lavapipe), is missing: install both" >&2
    exit 1
  fi
  sudo=""
  if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq --no-install-recommends xvfb xauth mesa-vulkan-drivers libxkbcommon-x11-0 >/dev/null
fi

# The same version as re_sdk in Cargo.toml: rerun promises nothing across versions.
export RERUN_VENV="${RERUN_VENV:-$PWD/target/rerun-venv}"
if ! "$RERUN_VENV/bin/rerun" --version 2>/dev/null | grep -q ' 0\.36\.3 '; then
  say "fetching the rerun viewer and its Python package"
  if ! python3 -m venv "$RERUN_VENV"; then
    echo "Python 3.10 or newer with its module venv is missing: install it (on Debian: python3-venv)" >&2
    exit 1
  fi
  "$RERUN_VENV/bin/pip" install --quiet --disable-pip-version-check 'rerun-sdk[datafusion]==0.36.3' pillow
fi

say "fetching the dashboard's npm packages"
(cd dashboard && npm ci --no-audit --no-fund --loglevel=error)

say "the dashboard: types, unit tests, is the committed build fresh?"
(cd dashboard && npm run --silent check && npm test --silent && npm run --silent fresh)

say "the crates and the end-to-end tests (the first time this compiles Burn: some minutes)"
cargo build --quiet --workspace --bins --examples --features spyhole-cli/rerun
cargo test --workspace --features spyhole-cli/rerun

say "the dashboard in Chromium"
(cd dashboard && npm run --silent test:browser)

say "all tests passed"
