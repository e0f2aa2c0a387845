#!/usr/bin/env node
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** Exports by path. */
const loadedFiles = {};
// A sign-in waits for `pam`: it has a file of its own, with nothing in it that a sign-in does not need.
const isSignIn = process.argv[2] === 'pam';
const entry = join(__dirname, '..', 'dist', isSignIn ? 'pam-main.cjs' : 'postern.cjs');

run(process.argv.slice(isSignIn ? 3 : 2)).then((code) => {
  process.exitCode = code;
});

async function run(words) {
  try {
    return await load(entry).main(words);
  } catch (error) {
    const cause = existsSync(entry) ? `cannot be run: ${error.message}` : 'has not been built yet';
    process.stderr.write(`postern: the program ${cause}\n  hint: npm ci && npm run build\n`);
    // The way in that needs no Postern (see the README).
    process.stderr.write('  to let people in without codes, as root: echo off > /run/postern/enforcement\n');
    return 70;
  }
}

/** As `require` does, but with what the build has compiled already; another version of Node compiles anew. */
function load(path) {
  const source = readFileSync(path, 'utf8');
  const cachedData = existsSync(`${path}.cache`) ? readFileSync(`${path}.cache`) : undefined;
  const loaded = { exports: {} };
  const script = new Script(source, { filename: path, cachedData });
  script.runInThisContext()(loaded.exports, requireFrom(path), loaded, path, dirname(path));
  return loaded.exports;
}

/** `require` for a file of the build: its own files by `load`, each once; all else is Node's modules. */
function requireFrom(path) {
  return (name) => {
    if (!name.startsWith('./')) return require(name);
    const file = join(dirname(path), name);
    loadedFiles[file] ??= load(file);
    return loadedFiles[file];
  };
}
