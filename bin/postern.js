#!/usr/bin/env node
'use strict';
// A sign-in waits for `pam`: it has a file of its own, with nothing in it that a sign-in does not need.
const isSignIn = process.argv[2] === 'pam';
let program;
try {
  program = require(isSignIn ? '../dist/pam-main.cjs' : '../dist/postern.cjs');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND' || !/dist.(postern|pam-main)\.cjs/.test(error.message)) throw error;
  process.stderr.write('postern: the program has not been built yet\n  hint: npm ci && npm run build\n');
  process.exitCode = 70;
}
program?.main(process.argv.slice(isSignIn ? 3 : 2)).then((code) => {
  process.exitCode = code;
});
