#!/bin/sh
# Fetches the Nodes that the tests start Postern with, once, from npm's packages of them, and prints their paths.
# POSTERN_NODES names another folder than /var/cache/postern-nodes (root) or ~/.cache/postern-nodes.
set -eu

# What people have: Ubuntu 24.04 18.19, Debian 12 18.20, Debian 13 20.19, and the releases that Node still maintains.
# 20.12.0 and 20.19.6 carry the same number of V8, and are not the same V8.
versions="18.19.0 18.20.8 20.12.0 20.19.6 22.23.3 24.21.0 26.10.0"

if [ "$(id -u)" = 0 ]; then cache=/var/cache; else cache=${XDG_CACHE_HOME:-$HOME/.cache}; fi
folder=${POSTERN_NODES:-$cache/postern-nodes}

fetch() {
  part=$folder/$1.$$
  mkdir -p "$part"
  trap 'rm -rf "$part"' EXIT
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "no Node for $(uname -m)" >&2; exit 1 ;; esac
  (cd "$part" && npm pack --silent "node-linux-$arch@$1" > /dev/null && tar -xzf ./*.tgz --strip-components=2 package/bin/node)
  rm -f "$part"/*.tgz
  [ "$("$part/node" --version)" = "v$1" ]
  # Another run may have been faster.
  mv -T "$part" "$folder/$1" 2> /dev/null || [ -x "$folder/$1/node" ]
}

for version in $versions; do
  [ -x "$folder/$version/node" ] || (fetch "$version") || { echo "tests/nodes.sh: no Node $version" >&2; exit 1; }
  echo "$folder/$version/node"
done
