#!/usr/bin/env bash
# All tests in one command; the last line is `N passed, N failed`. Arguments go to `bun test` (paths, --seed, …).
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

# Tests that need a Redis server are skipped, with a reason, where there is none and none may be installed.
if ! command -v redis-server >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing redis-server from the system's packages" >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server; } >/dev/null 2>&1 ||
    echo "redis-server could not be installed; the tests that need it will be skipped" >&2
fi

# Nodes flush to the disk all the time; in memory, where there is room, a run is much shorter.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(df --output=avail -B1G /dev/shm 2>/dev/null | tail -n 1)" -ge 4 ] 2>/dev/null; then
  TMPDIR="$(mktemp -d /dev/shm/miroir-tests.XXXXXX)"
  export TMPDIR
  trap 'rm -rf "$TMPDIR"' EXIT
fi

bun scripts/test.ts "$@"
