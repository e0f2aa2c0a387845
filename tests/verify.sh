#!/bin/sh
# Everything that must hold: packages, build, types, lint, tests. `npm run verify` and CI run this.
set -eu
cd "$(dirname "$0")/.."
sh tests/setup.sh
npm ci
npm run build
npm run types
npm run lint
node tests/run.mjs
