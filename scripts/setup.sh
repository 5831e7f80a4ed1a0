#!/usr/bin/env bash
# Sourced by demo.sh and test.sh: makes `bun` the pinned version (from the npm package, kept in .tools/, nothing
# global is touched) and installs the locked dependencies. Needs Node with npm, or any Bun.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
BUN_VERSION="$(sed -n 's/.*"bun": "\([0-9.]*\)".*/\1/p' package.json | head -n 1)"
TOOLS="$ROOT/.tools"

install_bun() {
  echo "Installing Bun $BUN_VERSION into .tools/ (from npm)" >&2
  mkdir -p "$TOOLS"
  [ -f "$TOOLS/package.json" ] || echo '{ "name": "miroir-tools", "private": true }' >"$TOOLS/package.json"
  # Install scripts may be forbidden, so the package's own installer is run by hand.
  if command -v npm >/dev/null 2>&1; then
    (cd "$TOOLS" && npm install --no-audit --no-fund --loglevel=error --ignore-scripts "bun@$BUN_VERSION" >&2 &&
      cd node_modules/bun && node install.js >&2)
  elif command -v bun >/dev/null 2>&1; then
    (cd "$TOOLS" && bun add --exact --ignore-scripts "bun@$BUN_VERSION" >&2 && cd node_modules/bun && bun install.js >&2)
  else
    echo "Neither npm nor bun is installed. Install Node.js (20 or newer) with npm and run this again." >&2
    exit 1
  fi
}

if [ "$(bun --version 2>/dev/null || true)" != "$BUN_VERSION" ]; then
  [ "$("$TOOLS/node_modules/.bin/bun" --version 2>/dev/null || true)" = "$BUN_VERSION" ] || install_bun
  PATH="$TOOLS/node_modules/.bin:$PATH"
  export PATH
fi

bun install --frozen-lockfile --silent >&2
