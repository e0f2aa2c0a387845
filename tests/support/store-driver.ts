import { execSync } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import type { Account } from '../../src/domain/account.ts';
import type { Settings } from '../../src/domain/settings.ts';
import { isPosternError } from '../../src/errors.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import type { StoreChange } from '../../src/ports/store.ts';
import { openAuditLog } from '../../src/store/audit.ts';
import { defaultSettings, firstAccount } from '../../src/store/defaults.ts';
import { openStore } from '../../src/store/store.ts';

// A process that uses the store and nothing else: `store-driver VERB DIR [ARGUMENT]`.

const [verb = '', directory = '', argument = ''] = process.argv.slice(2);
const patienceMs = Number(process.env.PATIENCE_MS ?? 0);
const store = openStore({
  directory,
  clock: systemClock,
  random: systemRandom,
  hostName: 'nas',
  ...(patienceMs > 0 ? { patience: { holderMs: patienceMs, totalMs: patienceMs } } : {}),
});

/** What `show` prints and what the tests compare. */
export type Shown = {
  readonly settings: Settings;
  readonly accounts: Readonly<Record<string, Account | null>>;
  readonly notices: readonly string[];
};

function named(username: string, fullName: string): Account {
  return { ...firstAccount(), username, full_name: fullName };
}

function withIssuer(settings: Settings, issuer: string): Settings {
  return { ...settings, two_factor: { ...settings.two_factor, issuer } };
}

async function run(): Promise<void> {
  switch (verb) {
    case 'show':
      return show();
    // Adds one to a counter, ARGUMENT times, under a lock each; a dot for each that is done.
    case 'count':
      for (let done = 0; done < Number(argument); done++) {
        await store.withLock((transaction) => {
          const root = transaction.account('root') ?? firstAccount();
          transaction.save({ accounts: new Map([['root', { ...root, failures: root.failures + 1 }]]) });
        });
        writeSync(1, '.');
      }
      return;
    case 'issuer':
      return store.withLock((transaction) => {
        strike(process.env.BEFORE_SAVE);
        transaction.save({ settings: withIssuer(transaction.settings(), argument) });
        strike(process.env.AFTER_SAVE);
      });
    case 'many':
      return store.withLock((transaction) => {
        const names = Array.from({ length: Number(argument) }, (_, index) => `u${index}`);
        transaction.save({ accounts: new Map(names.map((name) => [name, named(name, '')])) });
      });
    case 'drop':
      return store.withLock((transaction) => transaction.save({ accounts: new Map([[argument, null]]) }));
    // As a sign-in does: it may spend its reserve.
    case 'sign-in':
      return store.withLock((transaction) => {
        transaction.save({ accounts: new Map([['root', named('root', argument)]]) });
      }, 'sign_in');
    // A change of several files at once.
    case 'import':
      return store.withLock((transaction) => {
        const change: StoreChange = {
          settings: withIssuer(transaction.settings(), argument),
          accounts: new Map<string, Account | null>([
            ['ann', named('ann', argument)],
            ['bob', named('bob', argument)],
            ['old', argument === 'new' ? null : named('old', argument)],
          ]),
        };
        transaction.save(change);
      });
    // A change of many accounts, as an import makes it; a disk that cannot take it ends it.
    case 'stage':
      return store.stage(async (staging) => {
        for (const name of ['ann', 'bob', 'new']) staging.put(named(name, argument));
        strike(process.env.AFTER_STAGING);
        await staging.complete(async () => {});
        await store.withLock((transaction) => {
          for (const name of staging.takeChanged() ?? []) staging.refresh(name);
          const settings = withIssuer(transaction.settings(), argument);
          strike(process.env.BEFORE_SAVE);
          transaction.save({ settings, staged: staging });
        });
      });
    // The same, and then back, as where sshd refuses its new files.
    case 'unstage':
      return store.stage(async (staging) => {
        for (const name of ['ann', 'bob', 'new']) staging.put(named(name, argument));
        await staging.complete(async () => {});
        await store.withLock((transaction) => {
          const settings = transaction.settings();
          transaction.save({ settings: withIssuer(settings, argument), staged: staging });
          transaction.save({ settings, unstaged: staging });
        });
      });
    // The way back in: works whatever the settings look like.
    case 'off':
      return store.withLock((transaction) => {
        const settings = readOrDefault(() => transaction.settings());
        transaction.save({
          settings: { ...settings, two_factor: { ...settings.two_factor, enabled: false } },
        });
      }, 'recovery');
    // Appends ARGUMENT lines to an audit log that is put aside at 8000 bytes.
    case 'audit': {
      const log = openAuditLog({ directory, random: systemRandom, limitBytes: 8000 });
      for (let done = 0; done < Number(argument); done++) {
        const line = `${process.pid} ${done}`;
        log.append({ time: '2026-01-02T03:04:05.678Z', actor: 'root', from: null, line, outcome: 'done' });
      }
      return;
    }
    case 'hold':
      return store.withLock(() => {
        process.stdout.write('held\n');
        readSync(0, Buffer.alloc(1));
      });
    default:
      throw new Error(`unknown verb ${verb}`);
  }
}

/** Does something to the file system in the middle of a change. */
function strike(command: string | undefined): void {
  if (command !== undefined) execSync(command);
}

function readOrDefault(read: () => Settings): Settings {
  try {
    return read();
  } catch (error) {
    if (!isPosternError(error) || error.code !== 'store.damaged') throw error;
    return defaultSettings('nas');
  }
}

function show(): void {
  const names = store.accountNames();
  const shown: Shown = {
    settings: store.settings(),
    accounts: Object.fromEntries(names.map((name) => [name, store.account(name) ?? null])),
    notices: store.takeNotices(),
  };
  process.stdout.write(`${JSON.stringify(shown)}\n`);
}

run().then(
  () => {
    if (verb !== 'show')
      for (const notice of store.takeNotices()) process.stderr.write(`notice: ${notice}\n`);
  },
  (error: unknown) => {
    process.exitCode = isPosternError(error) ? 4 : 70;
    process.stderr.write(isPosternError(error) ? `${error.code}: ${error.message}\n` : `${String(error)}\n`);
  },
);
