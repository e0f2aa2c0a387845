import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsOn } from '../support/accounts.ts';
import {
  buildSystemDriver,
  fingerprint,
  removeBuilt,
  requirePrograms,
  type SystemLab,
  settingsOff,
  startSystemLab,
} from '../support/system.ts';

/** Changes of the file system that put something in force. */
const calls = 'rename,renameat,renameat2,unlink,unlinkat';
const ours =
  /"(\/etc\/(?:pam\.d|ssh)\/[^"]*|\/run\/postern\/[^"]*|\/var\/lib\/postern\/(?:enforcement|apply-journal\.json))"/;

describe('kill -9 between two files', () => {
  let built: Awaited<ReturnType<typeof buildSystemDriver>>;
  let lab: SystemLab;
  let off: string;
  let on: string;

  beforeAll(async () => {
    requirePrograms('strace');
    built = await buildSystemDriver();
    lab = await startSystemLab(built);
    off = await fingerprint(lab.machine);
    await lab.drive(['apply'], settingsOn);
    on = await fingerprint(lab.machine);
  }, 240_000);

  afterAll(() => {
    lab?.stop();
    removeBuilt(built);
  });

  const trace = (inject: string, settings: unknown) =>
    lab.machine.run(
      [
        ...['strace', '-qq', '-o', '/root/trace', '-e', `trace=${calls}`],
        ...(inject === '' ? [] : ['-e', `inject=${inject}`]),
        ...[process.execPath, lab.driver, 'apply'],
      ],
      { input: JSON.stringify(settings) },
    );

  /** Which of the calls, each counted among those of its name, puts a file of ours in place or away. */
  const listSteps = async (settings: unknown) => {
    expect((await trace('', settings)).status).toBe(0);
    const seen = new Map<string, number>();
    return (await lab.machine.read('/root/trace')).split('\n').flatMap((line) => {
      const name = /^(\w+)\(/.exec(line)?.[1];
      if (name === undefined) return [];
      seen.set(name, (seen.get(name) ?? 0) + 1);
      const target = line.match(/"[^"]*"/g)?.at(-1) ?? '';
      return ours.test(target) && line.endsWith('= 0') ? [{ name, count: seen.get(name) ?? 0, target }] : [];
    });
  };

  const ways = [
    { name: 'on', from: settingsOff, to: settingsOn },
    { name: 'off', from: settingsOn, to: settingsOff },
  ];
  it.each(ways)(
    'leaves the old or the new while codes are turned $name',
    async ({ from, to }) => {
      await lab.drive(['apply'], from);
      const steps = await listSteps(to);
      expect(new Set(steps.map(({ target }) => target)).size).toBeGreaterThanOrEqual(3);
      for (const { name, count, target } of steps) {
        const step = `${name} of ${target}`;
        expect(await lab.drive(['apply'], from), step).toMatchObject({ status: 0 });
        // Death comes as the call is made: all before it has happened, and nothing of it.
        const killed = await trace(`${name}:signal=SIGKILL:when=${count}`, to);
        expect(killed.status, step).not.toBe(0);

        const files = await lab.machine.sh(`
        /usr/sbin/sshd -t
        grep -q pam_unix /etc/pam.d/common-auth
        grep -c '^@include common-auth$' /etc/pam.d/sshd
        grep -c 'pam_postern.so' /etc/pam.d/sshd || :
        find /etc/pam.d /etc/ssh -size 0`);
        expect(files, step).toMatch(/^1\n[03]\n$/);
        // With a half-done change, whoever knows the password and nothing more is met by a prompt at all events.
        const trial = await lab.signIn('bob', ["bob's password"]);
        expect(trial, step).toMatchObject({ entered: true });

        expect(await lab.drive(['install']), step).toMatchObject({ status: 0 });
        const stored = (await lab.drive(['settings'])).value as typeof settingsOn;
        expect(await fingerprint(lab.machine), step).toBe(stored.two_factor.enabled ? on : off);
        expect(await lab.machine.read('/var/lib/postern/apply-journal.json'), step).toBe('');
        expect((await lab.drive(['status'])).value, step).toMatchObject({ findings: [] });
      }
    },
    540_000,
  );
});
