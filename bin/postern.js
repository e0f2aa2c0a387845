#!/usr/bin/env node
'use strict';
// Without a listener Node opens a debugger for this signal: to every user of the machine, in a process of root's.
process.on('SIGUSR1', () => {});

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 18 || (major === 18 && minor < 19)) {
  process.exit(giveUp(`needs Node 18.19 or newer, and this is ${process.version}`));
}

const { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');
// A sign-in waits for `pam`: it has a file of its own, with nothing in it that a sign-in does not need.
const isSignIn = process.argv[2] === 'pam';
const signInEntry = join(dist, 'pam-main.cjs');
const entry = isSignIn ? signInEntry : join(dist, 'postern.cjs');

/** Exports by path. */
const loadedFiles = {};
/** What this run had to compile, by path. */
const compiledNow = new Map();
const likeness = describeLikeness();

if (!isSignIn) process.on('exit', keepCompiled);
run(process.argv.slice(isSignIn ? 3 : 2)).then((code) => {
  process.exitCode = code;
});

async function run(words) {
  try {
    return await load(entry).main(words);
  } catch (error) {
    return existsSync(entry)
      ? giveUp(`cannot be run: ${error.message}`)
      : giveUp('has not been built yet\n  hint: npm ci && npm run build');
  }
}

/** Old versions of Node must get as far as this: no module by `node:`, and nothing newer than ES2019 in this file. */
function giveUp(cause) {
  if (process.argv[2] === 'pam') {
    // Nobody reads standard error; the PAM module logs the one packet and denies by the other.
    // biome-ignore lint/style/useNodejsImportProtocol: old versions of Node do not know it.
    const { writeSync } = require('fs');
    const log = `LOG denied: the program ${cause}`.replace(/[^ -~]+/g, ' ').slice(0, 500);
    for (const packet of [log, 'FAIL']) writeSync(1, packet);
    return 70;
  }
  process.stderr.write(`postern: the program ${cause}\n`);
  // The ways in that need no Postern: the README explains them.
  process.stderr.write(`  to let people in without codes, as root:
    rm -rf /run/postern; umask 022; mkdir /run/postern; echo off > /run/postern/enforcement
  or, if sign-in is still refused:
    sed -i /postern/d /etc/pam.d/sshd; mv /etc/ssh/sshd_config.d/00-postern.conf /etc/ssh; /usr/sbin/sshd -t && kill -HUP $(cat /run/sshd.pid)
`);
  return 70;
}

/** As `require` does, but with what an earlier run has compiled. */
function load(path) {
  const source = readFileSync(path);
  const cachedData = readCompiled(path, source);
  const loaded = { exports: {} };
  const script = new Script(source.toString(), { filename: path, cachedData });
  if (cachedData === undefined || script.cachedDataRejected) compiledNow.set(path, { source, script });
  script.runInThisContext()(loaded.exports, requireFrom(path), loaded, path, dirname(path));
  return loaded.exports;
}

/** `require` for a file of the build: its own files by `load`, each once; all else is Node's modules. */
function requireFrom(path) {
  return (name) => {
    if (!name.startsWith('./')) return require(name);
    const file = join(dirname(path), name);
    if (!(file in loadedFiles)) loadedFiles[file] = load(file);
    return loadedFiles[file];
  };
}

/*
 * What V8 compiled is kept beside each file, for compiling is what a start costs most. V8 trusts what it gets: it
 * compares its own version and flags and the length of the source, runs wrong code where another build of Node made it,
 * and does not see a flipped bit. So nothing is handed to it that was not made by this very Node of this very source.
 * A file holds the compiled data twice (to compare is the one check that costs nothing), then the likeness, then the source.
 */

/** Which Node this is: its version and each file of machine code in this process; undefined: nothing is kept. */
function describeLikeness() {
  // Options may change what is compiled, and people who give them look for something else than speed.
  if (process.execArgv.length > 0 || process.env.NODE_OPTIONS || process.env.NODE_V8_COVERAGE)
    return undefined;
  try {
    // Not the file that Node was started from: it may have been replaced meanwhile, and a Debian's Node is in libnode.
    const mapped = readFileSync('/proc/self/maps', 'utf8').matchAll(/^\S+ ..x\S* \S+ \S+ \d+ +(\/.*)$/gm);
    // Sorted, for each process has them at other addresses.
    const files = [...new Set(Array.from(mapped, ([, path]) => path))].sort().map((path) => {
      const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
      return [path, dev, ino, size, mtimeMs, ctimeMs];
    });
    return Buffer.from(JSON.stringify([process.version, process.arch, process.versions.v8, files]));
  } catch {
    return undefined;
  }
}

function readCompiled(path, source) {
  if (likeness === undefined) return undefined;
  try {
    const kept = readFileSync(`${path}.cache`);
    const end = Buffer.concat([likeness, source]);
    const length = (kept.length - end.length) / 2;
    if (length <= 0 || !kept.subarray(2 * length).equals(end)) return undefined;
    const data = kept.subarray(0, length);
    return data.equals(kept.subarray(length, 2 * length)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** At the end of a run, and never of a sign-in; by the owner alone, so that root leaves no files in a user's folder. */
function keepCompiled() {
  if (likeness === undefined || compiledNow.size === 0) return;
  try {
    if (statSync(dist).uid !== process.getuid()) return;
    if (compiledNow.has(entry)) load(signInEntry);
    // The entry last: where writing fails before it, the next run tries again.
    for (const [path, compiled] of [...compiledNow].reverse()) keep(path, compiled);
  } catch {
    // The next run compiles again, which only takes longer.
  }
}

function keep(path, { source, script }) {
  const fresh = `${path}.cache.${process.pid}`;
  try {
    writeFileSync(fresh, '', { mode: 0o644, flag: 'wx' });
    const data = script.createCachedData();
    writeFileSync(fresh, Buffer.concat([data, data, likeness, source]));
    renameSync(fresh, `${path}.cache`);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
