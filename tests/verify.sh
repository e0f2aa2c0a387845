#!/bin/sh
# Everything that must hold: packages, build, types, lint, tests. `npm run verify` and CI run this.
set -eu
cd "$(dirname "$0")/.."
sh tests/setup.sh
npm ci
npm run build
POSTERN_EFFORT="${POSTERN_EFFORT:-3}" node tests/run.mjs
