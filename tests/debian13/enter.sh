#!/bin/sh
# Inside new namespaces: lays a throw-away layer over the Debian in CACHE and runs checks.sh there.
#   enter.sh CACHE LAYER PROJECT
set -eu
cache=$1 layer=$2 project=$3
mount -t tmpfs -o mode=0755 tmpfs "$layer"
mkdir "$layer/upper" "$layer/work" "$layer/root"
root=$layer/root
mount -t overlay -o "lowerdir=$cache,upperdir=$layer/upper,workdir=$layer/work" overlay "$root"
mount -t proc proc "$root/proc"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
mkdir "$root/project"
mount --bind "$project" "$root/project"
mount -o remount,bind,ro "$root/project"
ip link set lo up
hostname lab
printf '127.0.0.1 localhost lab\n' > "$root/etc/hosts"
exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  HOME=/root LANG=C.UTF-8 TERM=dumb sh /project/tests/debian13/checks.sh
