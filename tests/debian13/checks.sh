#!/bin/sh
# Runs inside a Debian 13 (see run.sh): installs the built program as the README says, and signs in.
set -eu
trap 'exit 130' INT TERM
passed=0 failed=0

# What is promised, and the command that fails where it does not hold.
check() {
  promise=$1; shift
  if "$@" > /tmp/said 2>&1; then passed=$((passed + 1)); echo "ok    $promise"
  else failed=$((failed + 1)); echo "FAIL  $promise"; sed 's/^/        /' /tmp/said; fi
}
# Whether a command prints exactly this.
prints() {
  wanted=$1; shift
  found=$("$@" 2>&1) || found="$found (exit $?)"
  [ "$found" = "$wanted" ] || { echo "wanted: $wanted"; echo "found:  $found"; return 1; }
}
field() { node -p "const s = JSON.parse(require('node:fs').readFileSync(0, 'utf8')); s.$1"; }
ask() { postern --yes -o json -c "$1"; }
# A code of the account's that was not used yet: the window is 10 steps, and each call takes the next.
code() {
  step=$(($(date +%s) / 30 - 8)) last=$(cat "/tmp/step.$1" 2> /dev/null || echo 0)
  [ "$step" -gt "$last" ] || step=$((last + 1))
  echo "$step" > "/tmp/step.$1"
  oathtool --totp --base32 --now "@$((step * 30))" "$(field secret < "/tmp/secret.$1")"
}
enrol() {
  ask "account user renew_2fa_secret $1" > "/tmp/secret.$1"
  code "$1" | ask "account user confirm_2fa_secret $1 token=-" > /dev/null
}
sign_in() { expect /project/tests/debian13/sign-in.exp "$@"; }
key='-i /root/key'
# Everything that sshd and PAM read, by content, mode and owner.
fingerprint() { (cd /etc && find pam.d ssh -type f | sort | while read -r file; do sha256sum "$file"; stat -c '%a %U:%G' "$file"; done); }
is_as_before() { fingerprint | diff /tmp/before -; }
status() { ask 'system enforcement status'; }
is_clean() { status > /tmp/status; prints 'true true 0' field 'expected + " " + s.enforced + " " + s.findings.length' < /tmp/status; }

echo "--- Debian $(cat /etc/debian_version), $(ssh -V 2>&1), Node $(node --version)"
mkdir -p /opt/postern
cp -r /project/bin /project/dist /opt/postern
rm -f /opt/postern/dist/pam_postern.so /opt/postern/dist/postern-pam-check
ln -s /opt/postern/bin/postern.js /usr/local/bin/postern
mkdir -p /run/sshd /root/.ssh
perl /project/tests/support/lab/syslog.pl & until [ -S /dev/log ]; do sleep 0.05; done
useradd -m -s /bin/bash alice
useradd -m -s /bin/bash bob
printf '%s\n' 'root:secret of root' 'alice:secret of alice' 'bob:secret of bob' | chpasswd
ssh-keygen -q -t ed25519 -N '' -f /root/key
install -d -m 700 -o alice -g alice /home/alice/.ssh
install -m 600 /root/key.pub /root/.ssh/authorized_keys
install -m 600 -o alice -g alice /root/key.pub /home/alice/.ssh/authorized_keys
# OpenSSH 10 keeps an address away that failed to sign in; here all come from one.
printf '%s\n' 'PermitRootLogin yes' 'PerSourcePenalties no' > /etc/ssh/sshd_config.d/lab.conf
fingerprint > /tmp/before
/usr/sbin/sshd

is_openssh_10() { ssh -V 2>&1 | grep '^OpenSSH_10' && ls /usr/lib/openssh/sshd-session /usr/lib/openssh/sshd-auth; }
check 'this is OpenSSH 10, in its three programs' is_openssh_10
check 'the PAM module is built and installed' make -s -C /project/src/pam OUT=/tmp/pam install
check 'beforehand a password alone is enough' prints 'password, in' sign_in root '' 'secret of root'

enrols() {
  ask 'auth two_factor update window=10' && ask 'account user create alice admin=true' &&
    ask 'account user create bob' && enrol root && enrol alice
}
check 'root and alice are enrolled' enrols
check 'codes for SSH are switched on' ask 'auth two_factor update enabled=true services.ssh=true'
check 'status finds nothing wrong' is_clean
asks_for_both() { prints 'Password, Verification code, in' sign_in "$1" '' "secret of $1" "$(code "$1")"; }
check "root's password and code let root in" asks_for_both root
check "alice's password and code let alice in" asks_for_both alice
is_no_replay() {
  used=$(code root)
  prints 'Password, Verification code, in' sign_in root '' 'secret of root' "$used" &&
    prints 'Password, Verification code, Verification code, refused' sign_in root '' 'secret of root' "$used"
}
check 'a code lets in once' is_no_replay
lets_one_in() {
  used=$(code root); rm -f /tmp/parallel.*; others=
  for i in 1 2 3 4 5 6; do sign_in root '' 'secret of root' "$used" > "/tmp/parallel.$i" & others="$others $!"; done
  # shellcheck disable=SC2086 # one process a word
  wait $others
  prints 1 sh -c 'cat /tmp/parallel.* | grep -c ", in$"' && ask 'account user unlock root'
}
check 'of six sign-ins with one code at once, one gets in' lets_one_in
check 'a wrong password is never asked for a code' prints 'Password, refused' sign_in root '' wrong "$(code root)"
check 'a wrong code is asked for once more, and the right one lets in' \
  prints 'Password, Verification code, Verification code, in' sign_in alice '' 'secret of alice' 000000 "$(code alice)"
check 'a recovery code lets in' prints 'Password, Verification code, in' \
  sign_in alice '' 'secret of alice' "$(field 'recovery_codes[0]' < /tmp/secret.alice)"
# Its own prompt is sshd's: nothing is different for who is not asked.
check 'who is not enrolled gets in by the password, as before codes' prints 'password, in' sign_in bob '' 'secret of bob'
check 'a key is not enough' \
  prints 'Verification code, Verification code, refused' sign_in alice "$key" 000000 000000
check 'a key and a code let in' prints 'Verification code, in' sign_in alice "$key" "$(code alice)"
is_logged() {
  grep -E '^\S+ +\S+ \S+ lab sshd-session\[[0-9]+\]: pam_postern\(sshd:auth\): verification failed for alice from 127\.0\.0\.1:' \
    /var/log/auth.log || { tail -3 /var/log/auth.log; return 1; }
}
check 'failures are in the system log as the Fail2Ban filter expects them, by sshd-session' is_logged
is_tested() {
  ask 'system enforcement test username=alice' > /tmp/test
  prints 'true false false' field 'asked_for_code + " " + s.let_in_without_code + " " + s.code_after_wrong_password' < /tmp/test
}
check 'a trial conversation is asked for the code, and only after the right password' is_tested

root_by_key_alone() {
  ask 'service ssh update rootlogin=false' && prints 'refused' sign_in root '' 'secret of root' "$(code root)" &&
    prints 'Verification code, in' sign_in root "$key" "$(code root)" && asks_for_both alice
}
check 'rootlogin=false: root is asked for no password, and gets in by key and code' root_by_key_alone
root_by_both() { ask 'service ssh update rootlogin=true' && asks_for_both root && ask 'service ssh update rootlogin=null'; }
check 'rootlogin=true: by password and code again' root_by_both
check 'status finds nothing wrong after that' is_clean
reloads() { ask 'service reload ssh' && ask 'service stop ssh' && ask 'service start ssh' && asks_for_both root; }
check 'sshd is reloaded, stopped and started' reloads

reread() { kill -HUP "$(cat /run/sshd.pid)"; sleep 2; }
has_other_pam_service() {
  echo 'PAMServiceName login' >> /etc/ssh/sshd_config.d/lab.conf; reread
  status > /tmp/status || :
  met=$(sign_in root '' 'secret of root')
  sed -i '/PAMServiceName/d' /etc/ssh/sshd_config.d/lab.conf; reread
  prints 'Password, in' echo "$met" &&
    prints 'false sshd_values' field 'enforced + " " + [...new Set(s.findings.map(({ code }) => code))]' < /tmp/status &&
    is_clean
}
check 'status finds an sshd that is told to use another PAM service, and asks for no code' has_other_pam_service

lets_in_by_the_switch() {
  echo off > /run/postern/enforcement
  prints 'Password, in' sign_in root '' 'secret of root'
  found=$?; rm /run/postern/enforcement; return "$found"
}
check 'with off in /run/postern/enforcement a password alone is enough' lets_in_by_the_switch
is_off() {
  prints 'enabled: true -> false' postern auth two_factor update enabled=false &&
    prints 'password, in' sign_in root '' 'secret of root' && is_as_before
}
check 'enabled=false: a password alone is enough, and every file is as before' is_off
is_on_again() { ask 'auth two_factor update enabled=true' && asks_for_both root && is_clean; }
check 'enabled=true: the codes of before are asked for again' is_on_again
is_removed() {
  ask 'system enforcement remove' && is_as_before && prints 'password, in' sign_in root '' 'secret of root' &&
    [ ! -e /run/postern ] && [ ! -e /var/lib/postern/enforcement ]
}
check 'system enforcement remove leaves no trace' is_removed

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
