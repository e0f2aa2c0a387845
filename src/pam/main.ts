import type { ExitCode } from '../errors.ts';
import { systemClock } from '../platform/clock.ts';
import { openLinePipe } from '../platform/line-pipe.ts';
import { nonceRandom } from '../platform/random.ts';
import { openAuditLog } from '../store/audit.ts';
import { markPaths } from '../store/marks.ts';
import { openStore } from '../store/store.ts';
import { runPamHelper } from './helper.ts';

/** Shorter than the module's patience with us, so that the log says what was waited for. */
const patience = { holderMs: 10_000, totalMs: 25_000 };

/**
 * `postern pam` on the real machine: a composition root of its own, because someone waits at a prompt for every
 * import of it.
 */
export function main(_words: readonly string[]): Promise<ExitCode> {
  const common = { clock: systemClock, random: nonceRandom };
  return runPamHelper({
    lines: openLinePipe(),
    clock: systemClock,
    random: nonceRandom,
    timer: {
      // Node would load `performance`, for 2 ms.
      elapsedMs: () => Number(process.hrtime.bigint()) / 1e6,
      pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    },
    // Only a new store takes the host's name, and the helper never makes one.
    openStore: (directory) =>
      openStore({
        ...common,
        directory,
        hostName: '',
        patience,
        leavesDamage: true,
        markPaths: markPaths(directory),
      }),
    openAudit: (directory) => openAuditLog({ ...common, directory }),
    keepSwitchOn: async (directory) => {
      const { openFiles } = await import('../platform/files.ts');
      const { keepSwitchOn } = await import('../system/switch/switch.ts');
      keepSwitchOn({ files: openFiles(nonceRandom) }, directory);
    },
    groupsOf: async (username, groups) => {
      const { runner } = await import('../platform/runner.ts');
      return (await import('../system/machine/groups.ts')).findGroups({ runner }, username, groups);
    },
    ownAddresses: async () => (await import('../platform/addresses.ts')).listOwnAddresses(),
    startTimers: (directory) => startTimers(directory).catch(() => {}),
  });
}

async function startTimers(directory: string): Promise<void> {
  const { processes } = await import('../platform/processes.ts');
  const { settleWords } = await import('../system/switch/timer.ts');
  const program = [process.execPath, process.argv[1] ?? ''] as const;
  processes.startDetached([...program, '--state-dir', directory, ...settleWords], {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  });
}
