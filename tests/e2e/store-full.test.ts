import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listLeftovers, openLab, openReal, run } from '../support/store-lab.ts';

// File systems that are really full, read-only or not ours: a tmpfs in a mount namespace of its own, made by root or
// by a user in a user namespace. Each script prints lines, which are then compared.

const lab = openLab();
beforeAll(() => void lab.driver());
afterAll(() => lab.remove());

const prelude = `
set -u
driver() { node "$DRIVER" "$@" 2>&1; echo "status $?"; }
issuer() { node "$DRIVER" show "$1" | sed -E 's/.*"issuer":"([^"]*)".*/\\1/' | cut -c 1-12; }
fill() { cat /dev/zero > "$DISK/fill" 2>/dev/null; cat /dev/zero >> "$DISK/fill" 2>/dev/null; true; }
leftovers() { find "$1" | grep -E '\\.(staged|tmp|former)-|/lock|journal|changed' ; echo "leftovers above"; }
mount -t tmpfs -o size=1m,mode=700 none "$DISK" || exit 99
`;

/** Runs a bash script with a tmpfs of 1 MiB at $DISK; its lines. */
async function runOnDisk(script: string): Promise<readonly string[]> {
  const disk = join(lab.folder, 'disk');
  rmSync(disk, { recursive: true, force: true });
  mkdirSync(disk);
  const flags = process.geteuid?.() === 0 ? '-m' : '-rm';
  const env = { DISK: disk, DRIVER: lab.driver() };
  const outcome = await run(['unshare', flags, 'bash', '-c', prelude + script], env);
  expect(outcome.status, outcome.stderr).toBe(0);
  return outcome.stdout.trim().split('\n');
}

const full = expect.stringMatching(
  /^store\.full: cannot write .*\.json: its file system is full; the old content is in place$/,
);

test('on a full disk a change is refused, and what is kept for the way back in stays', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver issuer $S old; ls $S | grep reserve
    fill; driver issuer $S second; driver import $S second; issuer $S; ls $S | grep -c reserve; leftovers $S
    rm $DISK/fill; driver issuer $S third; issuer $S
  `);
  expect(lines).toEqual([
    ...['status 0', 'reserve', 'reserve.2', 'reserve.sign-in', 'reserve.sign-in.2'],
    ...[full, 'status 4', full, 'status 4', 'old', '4', 'leftovers above'],
    ...['status 0', 'third'],
  ]);
}, 60_000);

test('many accounts that the disk cannot take leave nothing, wherever it gets full', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver import $S old
    fill; driver stage $S second; issuer $S; leftovers $S
    rm $DISK/fill
    AFTER_STAGING="cat /dev/zero > $DISK/fill || true" driver stage $S second; issuer $S; leftovers $S
    driver sign-in $S while-full; ls $S | grep -c '^reserve'
    rm $DISK/fill
    BEFORE_SAVE="cat /dev/zero > $DISK/fill || true" driver stage $S second; issuer $S; leftovers $S
    rm $DISK/fill; driver stage $S third; issuer $S; leftovers $S
  `);
  const refused = expect.stringMatching(
    /^store\.full: cannot write .*: its file system is full; the old content is in place$/,
  );
  const kept = [refused, 'status 4', 'old', 'leftovers above'];
  expect(lines.filter((line) => !line.startsWith('cat: '))).toEqual([
    ...['status 0', ...kept, ...kept, 'status 0', '4', ...kept],
    ...['status 0', 'third', 'leftovers above'],
  ]);
}, 60_000);

test('on a disk that is filled again and again the way back in and sign-ins go on, each by its own reserve', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver issuer $S old; driver import $S old
    for round in 1 2 3 4 5; do
      fill; driver sign-in $S "$round"; node $DRIVER show $S | grep -oE '"full_name":"[1-9]"'
      fill; ls $S | grep -c '^reserve'; driver off $S
      fill; driver issuer $S "$round"; ls $S | grep -c '^reserve'
    done
    rm $DISK/fill; driver issuer $S new; ls -s --block-size=1024 $S | grep reserve | sed 's/^ *//'
  `);
  const round = (name: string) => [
    ...['status 0', `"full_name":"${name}"`],
    ...['4', 'status 0'],
    ...[full, 'status 4', '4'],
  ];
  expect(lines).toEqual([
    ...['status 0', 'status 0'],
    ...['1', '2', '3', '4', '5'].flatMap(round),
    ...['status 0', '64 reserve', '4 reserve.2', '64 reserve.sign-in', '4 reserve.sign-in.2'],
  ]);
}, 60_000);

test('where a sign-in has lost its reserve it fails, and the way back in still works', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver import $S old
    rm $S/reserve.sign-in*; fill; driver sign-in $S new; driver off $S
    rm $S/reserve*; fill; driver off $S
  `);
  expect(lines.filter((line) => !line.startsWith('store.full'))).toEqual([
    ...['status 0', 'status 4', 'status 0', 'status 4'],
  ]);
}, 60_000);

test('on a full disk 2FA is switched off even when the settings are damaged', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver issuer $S old
    echo '{' > $S/config.json; rm $S/config.json.last-good; ln -s nowhere $S/config.json.last-good
    fill; driver off $S | grep status
    node $DRIVER show $S | grep -o '"enabled":false' | head -1
  `);
  expect(lines).toEqual(['status 0', 'status 0', '"enabled":false']);
}, 60_000);

test('on a full disk 2FA is switched off though the settings are lost and there are many accounts', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver many $S 30
    rm $S/config.json*; rm -r $S/roster
    fill; driver off $S | grep status; rm $DISK/fill
    driver issuer $S new; ls $S/roster | grep -c 'json$'; node $DRIVER show $S | grep -o '"username"' | wc -l
  `);
  expect(lines).toEqual(['status 0', 'status 0', 'status 0', '30', '31']);
}, 60_000);

test('however little room is left, a document is old or new, never cut', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    long() { head -c 20000 /dev/zero | tr '\\0' "$1"; }
    for pages in 0 1 2 3 4 5 6 7 8 9 10 11 12 13; do
      rm -rf $S $DISK/fill; driver issuer $S old > /dev/null
      fill; rm -f $S/reserve*; fill
      size=$(stat -c %s $DISK/fill); truncate -s $((size - pages * 4096)) $DISK/fill
      driver issuer $S "$(long n)" | cut -d : -f 1 | tr '\\n' ' '; issuer $S
      leftovers $S | grep -v above || true
    done
  `);
  const refused = lines.filter((line) => line === 'store.full status 4 old');
  const done = lines.filter((line) => line === 'status 0 nnnnnnnnnnnn');
  expect([...refused, ...done]).toEqual(lines);
  expect(refused.length).toBeGreaterThanOrEqual(5);
  expect(done.length).toBeGreaterThanOrEqual(2);
}, 120_000);

test('however little room is left, a change of several files is there whole or not at all', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver import $S old > /dev/null; cp -a $S $DISK/before
    for pages in 0 1 2 3 4 5 6 7 8; do
      rm -rf $S $DISK/fill; cp -a $DISK/before $S
      fill; rm -f $S/reserve*; fill
      size=$(stat -c %s $DISK/fill); truncate -s $((size - pages * 4096)) $DISK/fill
      driver import $S new | cut -d : -f 1 | tr '\\n' ' '
      node $DRIVER show $S | grep -oE '"(issuer|full_name)":"[^"]+"' | cut -d '"' -f 4 | tr '\\n' ' '; echo
      leftovers $S | grep -v above || true
    done
  `);
  const refused = lines.filter((line) => line.trim() === 'store.full status 4 old old old old');
  const done = lines.filter((line) => line.trim() === 'status 0 new new new');
  expect([...refused, ...done]).toEqual(lines);
  expect(refused.length).toBeGreaterThanOrEqual(3);
  expect(done.length).toBeGreaterThanOrEqual(2);
}, 120_000);

test('a store that was never made is not begun on a full disk', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    mkdir -m 700 $S; fill
    driver issuer $S first | cut -d : -f 1; issuer $S; leftovers $S
    rm $DISK/fill; driver issuer $S first; issuer $S
  `);
  expect(lines).toEqual(['store.full', 'status 4', 'nas', 'leftovers above', 'status 0', 'first']);
}, 60_000);

test('with no inode left the reserve gives one for the lock', async () => {
  const lines = await runOnDisk(`
    mount -o remount,nr_inodes=20 $DISK
    S=$DISK/store
    driver issuer $S old
    { for n in $(seq 40); do : > $DISK/n$n; done; } 2>/dev/null
    driver issuer $S new | sed 's/: cannot.*no inodes.*/ no inodes/'; driver off $S; driver sign-in $S new
    { for n in $(seq 40); do : > $DISK/m$n; done; } 2>/dev/null
    driver off $S; issuer $S
  `);
  expect(lines).toEqual([
    'status 0',
    'store.full no inodes',
    'status 4',
    'status 0',
    'status 0',
    'status 0',
    'old',
  ]);
}, 60_000);

test('a read-only file system is told apart, and read all the same', async () => {
  const lines = await runOnDisk(`
    S=$DISK/store
    driver issuer $S old
    chmod 644 $S/config.json; chmod 755 $S
    mount -o remount,ro $DISK
    driver off $S; issuer $S
  `);
  const error = expect.stringMatching(/^store\.read_only: cannot write .*: its file system is read-only/);
  expect(lines).toEqual(['status 0', error, 'status 4', 'old']);
}, 60_000);

test.each([
  ['BEFORE_SAVE', 'old', /^store\.read_only: cannot write .*config\.json: .*; the old content is in place$/],
  ['AFTER_SAVE', 'new', /^notice: cannot remove .*lock: its file system is read-only; the answer is valid/],
])(
  'a file system that turns read-only in mid-change: %s',
  async (when, issuer, sentence) => {
    const lines = await runOnDisk(`
    S=$DISK/store
    driver issuer $S old
    export ${when}="mount -o remount,ro $DISK"
    driver issuer $S new; issuer $S
    mount -o remount,rw $DISK; unset ${when}
    driver off $S | tail -1
  `);
    const status = issuer === 'old' ? 'status 4' : 'status 0';
    expect(lines).toEqual(['status 0', expect.stringMatching(sentence), status, issuer, 'status 0']);
  },
  60_000,
);

test.each([
  ['0', 'first'],
  ['1', 'n'.repeat(5000)],
])('a file size limit (ulimit -f %s) leaves the old content', async (limit, issuer) => {
  const directory = join(lab.folder, `limit-${limit}`);
  await run(['node', lab.driver(), 'issuer', directory, 'old']);
  // To a pipe: the limit holds for what is printed to files, too.
  const script = `ulimit -f ${limit}; node ${lab.driver()} issuer ${directory} ${issuer} 2>&1 | cat; exit \${PIPESTATUS[0]}`;
  const outcome = await run(['bash', '-c', script]);
  expect(outcome).toMatchObject({
    status: 4,
    stdout: expect.stringMatching(/^store\.full: cannot write .*config/),
  });
  expect(openReal(directory).settings().two_factor.issuer).toBe('old');
  expect(openReal(directory).takeNotices()).toEqual([]);
  expect(listLeftovers(directory)).toEqual([]);
});

test("another user's store is refused with a sentence", async () => {
  const directory = join(lab.folder, 'theirs');
  await run(['node', lab.driver(), 'issuer', directory, 'old']);
  const isRoot = process.geteuid?.() === 0;
  // As root: tried by nobody. As a user: tried with no permission at all.
  await run(['chmod', isRoot ? '755' : '000', isRoot ? lab.folder : directory]);
  const readable = join(isRoot ? '/tmp' : lab.folder, `driver-${process.pid}.cjs`);
  await run(['cp', lab.driver(), readable]);
  try {
    const argv = ['node', readable, 'show', directory];
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const outcome = await run(isRoot ? [...nobody, ...argv] : argv);
    expect(outcome).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/^permission\.store: cannot read/),
    });
  } finally {
    rmSync(readable);
    await run(['chmod', '700', directory]);
  }
});

test('modes hold under any umask', async () => {
  for (const umask of ['000', '077', '777']) {
    const directory = join(lab.folder, `umask-${umask}`);
    for (const verb of ['issuer', 'import', 'count']) {
      const script = `umask ${umask}; exec node ${lab.driver()} ${verb} ${directory} 1`;
      expect(await run(['bash', '-c', script])).toMatchObject({ status: 0, stderr: '' });
    }
    writeFileSync(join(directory, 'accounts', 'root.json'), '{');
    await run(['bash', '-c', `umask ${umask}; exec node ${lab.driver()} count ${directory} 1`]);
    const found = await run([
      'find',
      directory,
      '-type',
      'f',
      '!',
      '-perm',
      '600',
      '-o',
      '-type',
      'd',
      '!',
      '-perm',
      '700',
    ]);
    expect(found.stdout).toBe('');
  }
}, 60_000);
