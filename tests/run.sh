#!/usr/bin/env bash
# Runs every test of spyhole, and fetches what they need first. Rust, Node and Python must be there; on Debian and
# Ubuntu it installs what else is missing (Chromium, faketime, a screen and software Vulkan for the rerun viewer),
# elsewhere it says what to install; set CHROMIUM to yours.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
export CHROMIUM="${CHROMIUM:-$(browser)}"

missing=""
if [ -z "$CHROMIUM" ]; then missing="$missing chromium"; fi
if [ "$(uname)" = Linux ]; then
  if ! command -v faketime >/dev/null; then missing="$missing faketime"; fi
  if ! command -v Xvfb >/dev/null; then missing="$missing xvfb"; fi
  if ! ldconfig -p | grep libxkbcommon-x11 >/dev/null; then missing="$missing libxkbcommon-x11-0"; fi
  if ! ls /usr/share/vulkan/icd.d/lvp_icd*.json >/dev/null 2>&1; then missing="$missing mesa-vulkan-drivers"; fi
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then missing="$missing python3-venv"; fi
fi
if [ -n "$missing" ]; then
  say "installing$missing"
  if ! command -v apt-get >/dev/null; then
    echo "install these first (the names are Debian's packages):$missing" >&2
    exit 1
  fi
  sudo=""
  if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
  CHROMIUM="${CHROMIUM:-$(browser)}"
fi

# The same version as re_sdk in Cargo.toml. Newer viewers read its recordings too; its Python package must fit the tests.
export RERUN_VENV="${RERUN_VENV:-$PWD/target/rerun-venv}"
if ! "$RERUN_VENV/bin/rerun" --version 2>/dev/null | grep ' 0\.36\.3 ' >/dev/null; then
  say "fetching the rerun viewer and its Python package"
  python3 -m venv "$RERUN_VENV"
  "$RERUN_VENV/bin/pip" install --quiet --disable-pip-version-check 'rerun-sdk[datafusion]==0.36.3' pillow
fi

say "fetching the dashboard's npm packages"
(cd dashboard && npm ci --no-audit --no-fund --loglevel=error)

say "the dashboard: types, unit tests, is the committed build fresh?"
(cd dashboard && npm run --silent check && npm test --silent && npm run --silent fresh)

# Property tests draw the same cases here every time, so that what fails has to do with what was changed; `cargo test`
# alone draws new ones, and so does PROPTEST_RNG_SEED=$RANDOM.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-1}"

say "the command without rerun, which is off by default"
cargo test --quiet -p spyhole-cli --test export_rrd

say "the crates and the end-to-end tests (the first time this compiles Burn: some minutes)"
# With rerun, everything at once: it turns on features of crates below Burn (serde, half), so a round of its own would
# compile Burn a second time.
features="$(cat tests/features)"
cargo build --quiet --workspace --bins --examples --features "$features"
cargo test --workspace --features "$features"

say "the dashboard in Chromium"
(cd dashboard && npm run --silent test:browser)

say "all tests passed"
