import type { Change } from '../domain/settings-change.ts';
import { changesView, type View } from '../output/view.ts';
import type { FilesRehearsal, SystemReport } from '../ports/appliance.ts';
import { type CommandSpec, defineCommand, type Rehearsal } from '../registry/spec.ts';
import { usernameParam } from './account.ts';

const status = defineCommand({
  path: ['system', 'enforcement', 'status'],
  brief: 'Compare the configuration of sshd and PAM with what it should be.',
  effect: 'observe',
  params: {},
  examples: [{ line: 'system enforcement status', note: 'Exits 1 if something is not as it should be.' }],
  run: async (_input, snapshot, { appliance }) => {
    const data = await appliance.inspect(snapshot.settings, snapshot);
    const isWanting = data.findings.length > 0 || (data.expected && data.enforced !== true);
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
  run: async ({ username }, _snapshot, { appliance }) => ({
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
  rehearse: async (_input, snapshot, { appliance }) => {
    const rehearsal = await appliance.rehearse.install(snapshot.settings, snapshot);
    return rehearseFiles(rehearsal, `${countFiles('write', rehearsal)}, prove the result and reload sshd`);
  },
  run: async (_input, snapshot, { appliance }) =>
    answer(await appliance.install(snapshot.settings, snapshot)),
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
  rehearse: async (_input, snapshot, { appliance }) => {
    const rehearsal = await appliance.rehearse.remove(snapshot);
    const isNothing = rehearsal.changed.length === 0;
    return rehearseFiles(rehearsal, isNothing ? undefined : countFiles('put back', rehearsal), asBefore);
  },
  run: async (_input, snapshot, { appliance }) => answer(await appliance.remove(snapshot), asBefore),
});

const asBefore = 'as before';

/** `became`: what is to be said of each file that was touched. */
function answer({ changed, sshd, warnings }: SystemReport, became = 'written'): View {
  return changesView(listFiles(changed, became), warnings, { sshd });
}

function rehearseFiles(
  { changed, diff, warnings }: FilesRehearsal,
  would: string | undefined,
  become = 'written',
): Rehearsal {
  return { would, data: changesView(listFiles(changed, become), warnings).data, diff, warnings };
}

function listFiles(paths: readonly string[], became: string): readonly Change[] {
  return paths.map((key) => ({ key, from: null, to: became }));
}

function countFiles(verb: string, { changed }: FilesRehearsal): string {
  return `${verb} ${changed.length === 0 ? 'no file' : changed.length === 1 ? '1 file' : `${changed.length} files`}`;
}

export const enforcementCommands: readonly CommandSpec[] = [status, test, install, remove];
