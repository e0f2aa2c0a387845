#!/bin/bash
# Boots systemd in the machine it is started in (see systemd.ts): process ids, mounts, /run and control groups of its
# own, so that what it does at its start and its end is done to nothing else.
#   boot.sh NAME        NAME: of its control groups
set -euo pipefail
for tree in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  [ -e "$tree/cgroup.procs" ] || continue
  mkdir -p "$tree/$1"
  echo $$ > "$tree/$1/cgroup.procs"
done
exec unshare --mount --pid --fork --kill-child --cgroup --propagation private bash -euo pipefail -c '
  mount -t proc proc /proc
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir /run/lock
  rm -f /dev/log
  if [ -e /sys/fs/cgroup/cgroup.procs ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  else
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    mkdir /sys/fs/cgroup/unified /sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
    mount -t cgroup -o none,xattr,name=systemd cgroup /sys/fs/cgroup/systemd
  fi
  exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 /lib/systemd/systemd --log-target=journal
'
