#!/bin/sh
# Installs the Debian packages and the Nodes that Postern's tests need; asks for nothing, and does nothing where all are there.
set -eu
sh "$(dirname "$0")/nodes.sh" > /dev/null

packages="
  gcc make libc6-dev libpam0g-dev clang valgrind
  openssh-server openssh-client pamtester libpam-oath fail2ban expect uidmap iproute2 util-linux bsdutils passwd login perl-base
  patch systemd dbus dpkg-dev busybox
  oathtool strace zsh fish bash-completion tmux screen xvfb xterm x11-apps xfonts-base
  fonts-dejavu-core zbar-tools
  putty-tools python3-paramiko socat rsync git curl ansible-core
  console-setup-linux kbd mandoc groff bsdextrautils procps python3
"

missing() {
  # shellcheck disable=SC2086 # one word a package
  installed=" $(dpkg-query -W -f='${Package}:${db:Status-Status} ' $packages 2>/dev/null || :)"
  for name in $packages; do case $installed in *" $name:installed "*) ;; *) echo "$name" ;; esac done
  # The sanitizers and libFuzzer belong to the clang that this Debian has.
  ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-* >/dev/null 2>&1 ||
    apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p' | head -1
}

if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo"; fi
# What is not installed is unpacked by its tests: a time service would take the place of another, and OpenSSH's own tests
# would bring half of Python.
if [ -z "$(missing)" ] && apt-cache show chrony ntpsec systemd-timesyncd openssh-tests >/dev/null 2>&1; then exit 0; fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# shellcheck disable=SC2046 # one word a package
$as_root apt-get install -q -y --no-install-recommends $(missing)
