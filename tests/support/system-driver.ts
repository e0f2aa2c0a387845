import { readFileSync, rmSync } from 'node:fs';
import type { Account } from '../../src/domain/account.ts';
import { countLeftMs } from '../../src/domain/deadline.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { exitCodeOf, isPosternError } from '../../src/errors.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openFiles } from '../../src/platform/files.ts';
import { processes } from '../../src/platform/processes.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { runner } from '../../src/platform/runner.ts';
import { markPaths } from '../../src/store/marks.ts';
import { openStore } from '../../src/store/store.ts';
import * as enforcement from '../../src/system/enforcement/enforcement.ts';
import { readFacts } from '../../src/system/enforcement/facts.ts';
import { removeAll } from '../../src/system/enforcement/removal.ts';
import { controlService, readService, setStartAtBoot } from '../../src/system/sshd/service.ts';
import { armTimer, disarmTimer, waitForDue } from '../../src/system/switch/timer.ts';
import type { Places } from '../../src/system/types.ts';

// `system/` on a real machine with nothing else of Postern around it: `system-driver VERB < JSON`. The folder it lies
// in holds the PAM module, the checker and the helper. Prints one JSON value.

const directory = __dirname;
const [verb = '', word = ''] = process.argv.slice(2).filter((argument) => argument !== '--state-dir');
const input = () => JSON.parse(readFileSync(0, 'utf8'));
const stateDirectory = process.env.STATE_DIRECTORY ?? '/var/lib/postern';
const places: Places = {
  stateDirectory,
  program: [process.execPath, __filename],
  helper: `${directory}/helper`,
  programDirectory: directory,
  uid: process.geteuid?.() ?? -1,
  moduleDirectories: [directory],
};
const ports = { files: openFiles(systemRandom), runner, processes, clock: systemClock };
const site = { ports, places };
const store = openStore({
  directory: stateDirectory,
  clock: systemClock,
  random: systemRandom,
  hostName: 'lab',
});

function apply(settings: Settings, former?: Settings): unknown {
  return store.withLock((transaction) => {
    const before = transaction.settings();
    return enforcement.putInForce(site, settings, transaction, {
      save: () => transaction.save({ settings }),
      restore: () => transaction.save({ settings: before }),
      ...(former === undefined ? {} : { former }),
    });
  });
}

const verbs: Readonly<Record<string, () => unknown>> = {
  accounts: () => {
    // The same secrets again, and their codes with them.
    for (const path of markPaths(stateDirectory)) rmSync(path, { force: true });
    const accounts = new Map((input() as Account[]).map((account) => [account.username, account]));
    return store.withLock((transaction) => transaction.save({ accounts }));
  },
  save: () => {
    const settings = input() as Settings;
    return store.withLock((transaction) => transaction.save({ settings }));
  },
  apply: () => apply(input() as Settings),
  /** As a line does that is not about asking for codes. */
  change: () => apply(input() as Settings, store.settings()),
  off: () => {
    const settings = input() as Settings;
    return store.withLock((transaction) => {
      const { until, warnings } = enforcement.switchOff(site);
      let saved = true;
      try {
        transaction.save({ settings });
      } catch {
        saved = false;
      }
      const tidied = enforcement.tidyUp(site, settings, transaction);
      return { until, saved, warnings: [...warnings, ...tidied.warnings] };
    });
  },
  switch: () => enforcement.switchOff(site),
  install: () =>
    store.withLock((transaction) => enforcement.install(site, transaction.settings(), transaction)),
  remove: () => store.withLock((transaction) => removeAll(site, transaction)),
  status: () => enforcement.inspect(site, store.settings(), store),
  diff: () => ({ diff: enforcement.diffSettings(site, input() as Settings, store) }),
  test: () => enforcement.test(site, word),
  settings: () => store.settings(),
  facts: () => readFacts(ports, places, ['root']),
  service: () => readService(ports),
  start: () => controlService('start', ports),
  stop: () => controlService('stop', ports),
  reload: () => controlService('reload', ports),
  boot: () => setStartAtBoot(word === 'on', ports),
  arm: () => armTimer(ports, places),
  disarm: () => disarmTimer(ports, places),
  [stateDirectory]: () =>
    waitForDue({
      readLeftMs: () => {
        const { pending } = store.settings();
        return pending && countLeftMs(pending, systemClock.nowMs(), systemClock.boot?.());
      },
      settle: () =>
        store.withLock((transaction) => {
          const settings = transaction.settings();
          if (settings.pending === null) return;
          const settled = { ...settings, two_factor: settings.pending.restore, pending: null };
          transaction.save({ settings: settled });
        }),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    }),
};

async function main(): Promise<void> {
  try {
    const value = await verbs[verb]?.();
    process.stdout.write(`${JSON.stringify({ value: value ?? null })}\n`);
  } catch (error) {
    if (!isPosternError(error)) throw error;
    process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message })}\n`);
    process.exitCode = exitCodeOf(error.code);
  }
}

main();
