#!/usr/bin/env node
'use strict';
try {
  require('../dist/postern.cjs');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND' || !/dist.postern\.cjs/.test(error.message)) throw error;
  process.stderr.write('postern: the program has not been built yet\n  hint: npm ci && npm run build\n');
  process.exitCode = 70;
}
