#!/usr/bin/env node
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

// A sign-in waits for `pam`: it has a file of its own, with nothing in it that a sign-in does not need.
const isSignIn = process.argv[2] === 'pam';
const file = join(__dirname, '..', 'dist', isSignIn ? 'pam-main.cjs' : 'postern.cjs');

if (existsSync(file)) {
  load(file)
    .main(process.argv.slice(isSignIn ? 3 : 2))
    .then((code) => {
      process.exitCode = code;
    });
} else {
  process.stderr.write('postern: the program has not been built yet\n  hint: npm ci && npm run build\n');
  process.exitCode = 70;
}

/** As `require` does, but with what the build has compiled already; another Node's version is compiled anew. */
function load(path) {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'latin1')}\n})`;
  const cachedData = existsSync(`${path}.cache`) ? readFileSync(`${path}.cache`) : undefined;
  const script = new Script(source, { filename: path, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
}
