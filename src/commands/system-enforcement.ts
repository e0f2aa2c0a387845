import type { View } from '../output/view.ts';
import type { FilesRehearsal, SystemReport } from '../ports.ts';
import { type CommandSpec, defineCommand, type Rehearsal } from '../registry/spec.ts';
import { usernameParam } from './account.ts';

const status = defineCommand({
  path: ['system', 'enforcement', 'status'],
  brief: 'Compare the configuration of sshd and PAM with what it should be.',
  effect: 'observe',
  params: {},
  examples: [{ line: 'system enforcement status', note: 'Exits 1 if something is not as it should be.' }],
  run: async (_input, at, { appliance }) => {
    const data = await appliance.inspect(at.settings, at);
    const findings = Array.isArray(data.findings) ? data.findings : [];
    const isWanting = findings.length > 0 || (data.expected === true && data.enforced !== true);
    return { shape: 'record', data, exitCode: isWanting && appliance.manages ? 1 : 0 };
  },
});

const test = defineCommand({
  path: ['system', 'enforcement', 'test'],
  brief: 'Run a trial sign-in as a user, up to the code prompt.',
  effect: 'observe',
  params: { username: { ...usernameParam, required: true } },
  examples: [
    {
      line: 'system enforcement test username=root',
      note: 'Stops at the prompt; it does not count as an attempt.',
    },
  ],
  run: async ({ username }, _at, { appliance }) => ({
    shape: 'record',
    data: await appliance.test(username),
  }),
});

const install = defineCommand({
  path: ['system', 'enforcement', 'install'],
  brief: 'Rewrite the configuration of sshd and PAM, and verify it.',
  details:
    'Repairs what an edit or a package upgrade changed. Every file is checked first; on any failure everything is rolled back.',
  effect: 'act',
  params: {},
  examples: [
    { line: 'system enforcement install', note: 'After "system enforcement status" found something.' },
  ],
  rehearse: async (_input, at, { appliance }) => {
    const rehearsal = await appliance.rehearse.install(at.settings, at);
    return rehearseFiles(rehearsal, `${countFiles('write', rehearsal)}, prove the result and reload sshd`);
  },
  run: async (_input, at, { appliance }) => answer(await appliance.install(at.settings, at)),
});

const remove = defineCommand({
  path: ['system', 'enforcement', 'remove'],
  brief: 'Remove Postern from sshd, PAM and systemd. The files are as they were before.',
  details:
    'It stays out until "system enforcement install", "auth two_factor update enabled=true" or a change of the SSH settings.',
  effect: 'act',
  params: {},
  examples: [{ line: 'system enforcement remove', note: 'Before you uninstall Postern. The settings stay.' }],
  confirm: () => 'SSH sign-ins no longer ask for codes, whatever the settings say',
  rehearse: async (_input, at, { appliance }) => {
    const rehearsal = await appliance.rehearse.remove(at);
    const isNothing = rehearsal.changed.length === 0;
    return rehearseFiles(rehearsal, isNothing ? undefined : countFiles('put back', rehearsal), asBefore);
  },
  run: async (_input, at, { appliance }) => answer(await appliance.remove(at), asBefore),
});

const asBefore = 'as before';

/** `became`: what is to be said of each file that was touched. */
function answer({ changed, sshd, warnings }: SystemReport, became = 'written'): View {
  return { shape: 'changes', data: { ...describeFiles(changed, became), sshd, warnings }, warnings };
}

function rehearseFiles(
  { changed, diff, warnings }: FilesRehearsal,
  would: string | undefined,
  become = 'written',
): Rehearsal {
  return { would, data: { ...describeFiles(changed, become), warnings }, diff, warnings };
}

function describeFiles(paths: readonly string[], became: string) {
  return { changed: paths.length > 0, changes: paths.map((key) => ({ key, from: null, to: became })) };
}

function countFiles(verb: string, { changed }: FilesRehearsal): string {
  return `${verb} ${changed.length === 0 ? 'no file' : changed.length === 1 ? '1 file' : `${changed.length} files`}`;
}

export const enforcementCommands: readonly CommandSpec[] = [status, test, install, remove];
