#!/usr/bin/env bash
# The main job in one command: three nodes, a router, sample data, a search, a node killed, the same search again.
# `--once` ends after the tour with exit code 0; without it everything keeps running until Ctrl-C.
# Real nodes are used when MEILISEARCH_BIN names an executable or `meilisearch` is on PATH.
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
exec bun src/main.ts demo "$@"
