import type { View } from '../output/view.ts';
import type { SystemReport } from '../ports.ts';
import { type CommandSpec, defineCommand } from '../registry/spec.ts';
import { usernameParam } from './account.ts';

const status = defineCommand({
  path: ['system', 'enforcement', 'status'],
  brief: 'Hold what should be in sshd and PAM against what is there.',
  effect: 'act',
  params: {},
  examples: [
    { line: 'system enforcement status', note: 'Exit code 1 where something is not as it should be.' },
  ],
  run: async (_input, at, { appliance }) => {
    const data = await appliance.inspect(at.settings, at);
    const findings = Array.isArray(data.findings) ? data.findings : [];
    return { shape: 'record', data, exitCode: findings.length > 0 && appliance.manages ? 1 : 0 };
  },
});

const test = defineCommand({
  path: ['system', 'enforcement', 'test'],
  brief: 'Hold a real sign-in conversation as a user, as far as the code.',
  effect: 'act',
  params: { username: { ...usernameParam, required: true } },
  examples: [
    {
      line: 'system enforcement test username=root',
      note: 'Breaks off at the question; it counts as no attempt.',
    },
  ],
  run: async ({ username }, _at, { appliance }) => ({
    shape: 'record',
    data: await appliance.test(username),
  }),
});

const install = defineCommand({
  path: ['system', 'enforcement', 'install'],
  brief: 'Write what the settings ask for into sshd and PAM again, and prove it.',
  details:
    'Repairs what an edit or a package upgrade has changed. Every file is checked before it counts; where anything fails, all is put back.',
  effect: 'act',
  params: {},
  examples: [
    { line: 'system enforcement install', note: 'After "system enforcement status" found something.' },
  ],
  run: async (_input, at, { appliance }) => answer(await appliance.install(at.settings, at)),
});

const remove = defineCommand({
  path: ['system', 'enforcement', 'remove'],
  brief: 'Take everything of Postern out of sshd, PAM and systemd; the files are as they were before.',
  details:
    'It stays out until "system enforcement install", "auth two_factor update enabled=true" or a change of what SSH asks for.',
  effect: 'act',
  params: {},
  examples: [
    { line: 'system enforcement remove', note: 'Before Postern is uninstalled. The settings stay.' },
  ],
  confirm: () => 'SSH sign-ins no longer ask for codes, whatever the settings say',
  run: async (_input, at, { appliance }) => answer(await appliance.remove(at), 'as before'),
});

/** `became`: what is to be said of each file that was touched. */
function answer({ changed, sshd, warnings }: SystemReport, became = 'written'): View {
  const changes = changed.map((path) => ({ key: path, from: null, to: became }));
  return { shape: 'changes', data: { changed: changed.length > 0, changes, sshd, warnings }, warnings };
}

export const enforcementCommands: readonly CommandSpec[] = [status, test, install, remove];
