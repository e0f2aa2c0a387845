// Runs types, lint and tests, and closes with one line that any CI can read: "N passed, N failed".
// Its arguments are vitest's. Where they name files, those are all that is run.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const args = process.argv.slice(2);
const namesFiles = args.some((arg, index) => !arg.startsWith('-') && !args[index - 1]?.startsWith('--'));
const checks = namesFiles ? [] : await Promise.all(['types', 'lint'].map(runScript));
const tests = runTests();
const passed = checks.filter(Boolean).length + tests.passed;
const failed = checks.filter((isGood) => !isGood).length + tests.failed;
process.exitCode = failed === 0 && tests.passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);

/** One of package.json's checks; what it says is shown where it fails. Whether it passed. */
function runScript(name) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('error', (error) => (said += error.message));
    child.on('close', (status) => {
      console.log(status === 0 ? `${name}: no fault` : `${name}:\n${said}`);
      resolve(status === 0);
    });
  });
}

/** Runs vitest, and counts from the report it leaves. */
function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tests-'));
  const report = join(folder, 'report.json');
  const { status } = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'tests/vitest.config.mts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const counts = readCounts(report);
  rmSync(folder, { recursive: true, force: true });
  return status === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

function readCounts(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    // A file that could not even be loaded has no tests to count, and a test that was skipped was not passed.
    const unloaded = testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
    );
    return { passed: numPassedTests, failed: numFailedTests + numPendingTests + unloaded.length };
  } catch (error) {
    console.error(`the test run left no report: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}
