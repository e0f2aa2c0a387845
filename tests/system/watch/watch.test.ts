import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../../src/domain/settings.ts';
import { inspect } from '../../../src/system/enforcement/enforcement.ts';
import { readFacts } from '../../../src/system/enforcement/facts.ts';
import { planSystem } from '../../../src/system/enforcement/plan.ts';
import { alertPath } from '../../../src/system/watch/guard.ts';
import { watch } from '../../../src/system/watch/watch.ts';
import { settingsOn } from '../../support/accounts.ts';
import { places, systemdMachine } from '../../support/fake-machine.ts';

const pam = '/etc/pam.d/sshd';
const accounts = { account: () => undefined, accountNames: () => [] };

const sshdValues = [
  'usepam yes',
  'kbdinteractiveauthentication yes',
  'authenticationmethods publickey,keyboard-interactive:pam keyboard-interactive:pam',
].join('\n');

/** A machine whose PAM file lacks the block, as its package has just written it. */
function rewritten() {
  const { ports, contents } = systemdMachine();
  const content = contents.get(pam) ?? '';
  const md5 = createHash('md5').update(content).digest('hex');
  contents.set('/usr/lib/security/pam_postern.so', 'keys=policy');
  contents.set('/var/lib/dpkg/status', `Package: openssh-server\nConffiles:\n ${pam} ${md5}\n`);
  contents.set('/var/lib/dpkg/info/openssh-server.list', '');
  const told: string[] = [];
  const runner: typeof ports.runner = {
    run: (argv, options) => {
      if (argv[0] === 'logger') told.push(argv.at(-1) ?? '');
      const answer = (stdout: string) => ({ status: 0, signal: null, stdout, stderr: '' });
      if (argv.includes('-T')) return answer(sshdValues);
      if (argv[1] === 'is-active') return answer('active\n');
      if (argv[0] === 'md5sum') return answer(`${md5}  x\n`);
      return ports.runner.run(argv, options);
    },
  };
  const writtenMs = 3_000_000;
  const files: typeof ports.files = {
    ...ports.files,
    changedMs: () => writtenMs,
    stat: (path) => {
      const fact = ports.files.stat(path);
      return fact && path.endsWith('.list') ? { ...fact, mtimeMs: writtenMs } : fact;
    },
  };
  const site = { places, ports: { ...ports, files, runner } };
  for (const { path, after } of planSystem(settingsOn, readFacts(site.ports, places, [])).files) {
    if (path !== pam && after !== null) contents.set(path, after);
  }
  return { site, contents, told };
}

describe('a look at what asks for codes', () => {
  it("is nobody's where init is neither, and status says so", () => {
    const { site, contents } = rewritten();
    expect(inspect(site, settingsOn, accounts).watch).toEqual({ by: 'systemd', alert: null });
    contents.delete('/run/systemd/system');
    expect(inspect(site, settingsOn, accounts).watch).toEqual({
      by: null,
      alert: null,
      note: expect.stringMatching(/^neither systemd nor System V init runs here/),
    });
  });

  it('tells an alert once, and keeps what was told until all is in order', () => {
    const { site, contents, told } = rewritten();
    // As a person leaves it, who has the file saved now.
    contents.delete('/var/lib/dpkg/info/openssh-server.list');
    const first = watch(site, settingsOn, accounts);
    expect(first).toMatchObject({
      outcome: 'failed',
      alert: expect.stringContaining('does not run pam_postern.so'),
    });
    expect(watch(site, settingsOn, accounts).alert).toBe(null);
    expect(told).toEqual([first.alert]);
    expect(contents.get(alertPath)).toBe(first.alert);
  });

  it('says nothing where no codes are to be asked for, and forgets what was told', () => {
    const { site, contents, told } = rewritten();
    watch(site, settingsOn, accounts);
    const off: Settings = { ...settingsOn, two_factor: { ...settingsOn.two_factor, enabled: false } };
    expect(watch(site, off, accounts)).toEqual({ alert: null, outcome: 'done' });
    expect(contents.has(alertPath)).toBe(false);
    expect(told).toHaveLength(1);
  });

  it('would put back what a package replaced, and says why it cannot', () => {
    const { site } = rewritten();
    expect(watch(site, settingsOn, accounts).alert).toMatch(/a package replaced .* could not be restored: /);
  });

  it('leaves a switch that somebody threw, whatever a package replaced', () => {
    const { site, contents } = rewritten();
    contents.set('/run/postern/enforcement', 'off\n');
    const before = contents.get(pam);
    expect(watch(site, settingsOn, accounts).alert).not.toContain('a package replaced');
    expect(contents.get('/run/postern/enforcement')).toBe('off\n');
    expect(contents.get(pam)).toBe(before);
  });

  it('tells that codes whose time off is over are not asked for, and status says what to type', () => {
    const { site, contents, told } = rewritten();
    contents.delete('/var/lib/dpkg/info/openssh-server.list');
    // As an older Postern left it: one that knows no end of a switch.
    contents.set('/usr/lib/security/pam_postern.so', 'pam_sm_authenticate');
    const { alert, outcome } = watch(site, settingsOn, accounts);
    expect(outcome).toBe('failed');
    expect(alert).toContain('SSH sign-ins should ask for a code, and they do not; ');
    expect(alert).toContain('pam_postern.so comes from an older Postern');
    expect(told).toEqual([alert]);
    expect(inspect(site, settingsOn, accounts).findings).toContainEqual({
      code: 'codes_missing',
      message: expect.any(String),
      hint: 'make -C src/pam install',
    });
    // With the block in PAM's file the module denies everybody: nobody is let in without a code.
    contents.set(pam, `auth required pam_postern.so\n${contents.get(pam)}`);
    expect(watch(site, settingsOn, accounts).alert).not.toContain('they do not');
  });
});
