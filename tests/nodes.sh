#!/bin/sh
# Fetches the Nodes that the tests start Postern with, once, from npm's packages of them, and prints their paths.
# POSTERN_NODES names another folder than /var/cache/postern-nodes (root) or ~/.cache/postern-nodes.
set -eu

# What people have: Ubuntu 24.04 18.19, Debian 12 18.20, Debian 13 20.19, and the releases that Node still maintains.
# 20.12.0 and 20.19.6 carry the same number of V8, and are not the same V8.
versions="18.19.0 18.20.8 20.12.0 20.19.6 22.23.3 24.21.0 26.10.0"

if [ "$(id -u)" = 0 ]; then cache=/var/cache; else cache=${XDG_CACHE_HOME:-$HOME/.cache}; fi
folder=${POSTERN_NODES:-$cache/postern-nodes}

case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "tests/nodes.sh: no Node for $(uname -m)" >&2; exit 1 ;; esac

# From one of npm's packages, PATH without its first STRIP folders: PACKAGE VERSION PATH STRIP TARGET.
fetch() {
  part=$folder/$5.$$
  mkdir -p "$part"
  trap 'rm -rf "$part"' EXIT
  archive=$(cd "$part" && npm pack --silent "$1@$2") || { echo "tests/nodes.sh: npm has no $1 $2" >&2; exit 1; }
  tar -xzf "$part/$archive" -C "$part" --strip-components="$4" "$3"
  rm "$part/$archive"
  # Another run may have been faster.
  mv -T "$part" "$folder/$5" 2> /dev/null || [ -d "$folder/$5" ]
}

for version in $versions; do
  [ -x "$folder/$version/node" ] || (fetch "node-linux-$arch" "$version" package/bin/node 2 "$version")
  [ "$("$folder/$version/node" --version)" = "v$version" ]
  echo "$folder/$version/node"
done
# One that is too old, and Debian 12's npm, to install with.
[ -x "$folder/16.20.2/node" ] || (fetch "node-linux-$arch" 16.20.2 package/bin/node 2 16.20.2)
[ -d "$folder/npm-9.2.0" ] || (fetch npm 9.2.0 package 1 npm-9.2.0)
