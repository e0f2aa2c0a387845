#!/bin/sh
# SSH sign-in on Debian 13, whose OpenSSH 10 is other programs than the 9.2 of Debian 12 (sshd-session, sshd-auth).
#   npm run build && npm run test:debian13          as root; minutes the first time, then seconds
# A minimal Debian 13 is made once, below DEBIAN13_CACHE, from the mirror that apt uses here. A run works on a layer
# over it that is gone afterwards, in namespaces of its own. To have it made anew: remove that folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
cache=${DEBIAN13_CACHE:-/var/cache/postern-debian13}
packages=openssh-server,openssh-client,libpam0g-dev,gcc,libc6-dev,make,nodejs,expect,oathtool,perl-base,procps

fail() { echo "tests/debian13: $*" >&2; exit 1; }

# shellcheck disable=SC2016 # the words are apt's
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' | head -1; }

make_root() {
  command -v debootstrap > /dev/null || { apt-get update -q; apt-get install -q -y --no-install-recommends debootstrap; }
  [ -n "$(mirror)" ] || apt-get update -q
  [ -n "$(mirror)" ] || fail "apt has no Debian mirror here: its sources must name one"
  eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
  export http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}"
  part=$cache.$$
  trap 'rm -rf --one-file-system "$part"' EXIT
  trap 'exit 130' INT TERM
  echo "making a Debian 13 in $cache (once)"
  # What debootstrap mounts goes with its namespace, even when it is killed.
  unshare --mount --propagation private \
    debootstrap --variant=minbase --include="$packages" trixie "$part" "$(mirror)" > "$cache.log" 2>&1 ||
    fail "debootstrap failed; the end of $cache.log: $(tail -3 "$cache.log")"
  rm -rf "$part"/var/cache/apt/archives/*.deb "$part"/var/lib/apt/lists/*
  echo "$packages" > "$part/packages"
  rm -rf --one-file-system "$cache"
  mv -T "$part" "$cache"
  rm -f "$cache.log"
}

[ "$(id -u)" = 0 ] || fail "only root can make and enter another Debian: run it with sudo"
for built in dist/postern.cjs dist/pam-main.cjs; do
  [ -e "$project/$built" ] || fail "$built is missing: npm run build"
done
[ "$(cat "$cache/packages" 2> /dev/null)" = "$packages" ] || make_root

layer=$(mktemp -d)
trap 'rmdir "$layer"' EXIT
unshare --mount --net --pid --ipc --uts --fork --kill-child --propagation private \
  sh "$here/enter.sh" "$cache" "$layer" "$project"
