#!/bin/bash
# Turns the namespaces it is started in (see machine.ts) into a small machine of its own:
# private /etc /run /home /root /dev /var/cache /var/log /var/lib /var/mail, loopback network, own process ids.
#   machine.sh DIR [KEEP...]     KEEP: folders below /root or /home that must stay readable
# Says "ready" on standard output, then lives until standard input is closed: a test that dies takes
# its machine with it.
set -euo pipefail
B=$1; shift
mount -t tmpfs -o mode=755 tmpfs "$B"
mkdir -p "$B"/{etc/ssh/sshd_config.d,run/sshd,run/lock,home,root,dev/pts,dev/shm,var/cache,var/log,var/lib,var/mail,keep}
chmod 700 "$B/root"

# Only what libc, PAM and ssh read; never the real machine's passwords or host keys.
for f in alternatives bash.bashrc debian_version default environment host.conf ld.so.cache ld.so.conf ld.so.conf.d \
  localtime login.defs mime.types os-release pam.conf pam.d profile protocols security services shells skel ssl; do
  [ ! -e "/etc/$f" ] || cp -rL --no-preserve=ownership "/etc/$f" "$B/etc/" 2>/dev/null || true
done
cat > "$B/etc/nsswitch.conf" <<'END'
passwd: files
group: files
shadow: files
hosts: files
END
cat > "$B/etc/passwd" <<'END'
root:x:0:0:root:/root:/bin/bash
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
sshd:x:110:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
END
printf '%s\n' root:x:0: tty:x:5: mail:x:8: adm:x:4: sudo:x:27: shadow:x:42: utmp:x:43: nogroup:x:65534: > "$B/etc/group"
printf '%s\n' 'root:*:19000:0:99999:7:::' 'sshd:!:19000::::::' > "$B/etc/shadow"
: > "$B/etc/gshadow"; : > "$B/etc/subuid"; : > "$B/etc/subgid"
chmod 640 "$B/etc/shadow" "$B/etc/gshadow"
printf '127.0.0.1 localhost lab\n::1 localhost\n' > "$B/etc/hosts"
echo lab > "$B/etc/hostname"
cp /usr/share/openssh/sshd_config "$B/etc/ssh/sshd_config"
touch "$B/var/log"/{wtmp,btmp,lastlog}

for d in null zero full random urandom tty; do touch "$B/dev/$d"; mount --bind "/dev/$d" "$B/dev/$d"; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$B/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$B/dev/shm"
ln -s pts/ptmx "$B/dev/ptmx"; ln -s /proc/self/fd "$B/dev/fd"
ln -s fd/0 "$B/dev/stdin"; ln -s fd/1 "$B/dev/stdout"; ln -s fd/2 "$B/dev/stderr"

# Programs find their packages' own data (read only in effect: nothing here installs packages).
for d in dpkg pam ucf; do [ ! -d "/var/lib/$d" ] || { mkdir "$B/var/lib/$d"; mount --bind "/var/lib/$d" "$B/var/lib/$d"; }; done
# What the tests themselves keep: other Nodes.
for d in /var/cache/postern-*; do [ ! -d "$d" ] || { mkdir "$B$d"; mount --rbind "$d" "$B$d"; }; done

i=0; for k in "$@"; do i=$((i + 1)); mkdir "$B/keep/$i"; mount --rbind "$k" "$B/keep/$i"; done
for d in etc run home root var/cache var/log var/lib var/mail; do mount --rbind "$B/$d" "/$d"; done
mount --rbind "$B/dev" /dev
i=0; for k in "$@"; do i=$((i + 1)); mkdir -p "$k"; mount --rbind "$B/keep/$i" "$k"; done

ip link set lo up
hostname lab
perl "$(dirname "$0")/syslog.pl" & until [ -S /dev/log ]; do sleep 0.01; done
echo ready
while read -r _; do :; done
