import type { Change } from '../domain/settings-change.ts';
import { changesView } from '../output/view.ts';
import type { ServiceVerb } from '../ports/appliance.ts';
import { boolean, nullableBoolean } from '../registry/kinds.ts';
import {
  type ActPorts,
  type CommandSpec,
  defineCommand,
  type ObservePorts,
  type Rehearsal,
  type Snapshot,
} from '../registry/spec.ts';
import { refuseEmptyUpdate } from './account.ts';
import { answerChange } from './config-change.ts';

const serviceColumns = ['service', 'installed', 'running', 'enable', 'pid'] as const;

const query = defineCommand({
  path: ['service', 'query'],
  brief: 'List the services: whether they run, and whether they start at boot.',
  effect: 'observe',
  params: {},
  query: { columns: serviceColumns },
  examples: [{ line: 'service query', note: 'The state of the SSH service.' }],
  run: async (_input, _snapshot, { appliance }) => ({
    shape: 'rows',
    data: [await appliance.service()],
    columns: serviceColumns,
  }),
});

const config = defineCommand({
  path: ['service', 'ssh', 'config'],
  brief: 'Show what Postern sets in sshd, and who can sign in how.',
  effect: 'observe',
  params: {},
  examples: [{ line: 'service ssh config', note: 'null: as in sshd_config.' }],
  run: async (_input, snapshot, { appliance }) => ({
    shape: 'record',
    data: {
      ...snapshot.settings.ssh,
      codes: asksForCodes(snapshot),
      meaning: await appliance.explainSsh(snapshot.settings),
    },
  }),
});

function asksForCodes({ settings }: Snapshot): boolean {
  return settings.two_factor.enabled && settings.two_factor.services.ssh;
}

const asMachine = nullableBoolean('as in sshd_config');

const update = defineCommand({
  path: ['service', 'ssh', 'update'],
  brief: 'Change who can sign in over SSH, and how.',
  details:
    'Where a code is required it is required with a key, too: passwordauth=false then means a public key and a code.',
  effect: 'write',
  params: {
    passwordauth: { kind: asMachine, brief: 'allow sign-in with a password' },
    rootlogin: { kind: asMachine, brief: 'allow root to sign in with a password' },
  },
  examples: [
    {
      line: 'service ssh update passwordauth=false',
      note: 'Public keys only; where codes are required, key and code.',
    },
  ],
  present: (_input, snapshot) => snapshot.settings.ssh,
  run: (changes, snapshot) => {
    refuseEmptyUpdate(changes, 'service ssh update', 'setting');
    return answerChange(
      snapshot.settings,
      { ...snapshot.settings, ssh: { ...snapshot.settings.ssh, ...changes } },
      [],
    );
  },
});

const enable = defineCommand({
  path: ['service', 'update', 'ssh'],
  brief: 'Choose whether the SSH service starts at boot.',
  effect: 'act',
  params: { enable: { kind: boolean, brief: 'whether it starts at boot', required: true } },
  examples: [{ line: 'service update ssh enable=true', note: 'It also runs after the next boot.' }],
  rehearse: async ({ enable: wanted }, _snapshot, { appliance }) =>
    rehearseDone(
      await appliance.rehearse.setStartAtBoot(wanted),
      wanted ? 'make the SSH service start at boot' : 'stop the SSH service from starting at boot',
      { key: 'ssh.enable', from: !wanted, to: wanted },
    ),
  run: async ({ enable: wanted }, _snapshot, { appliance }) =>
    answerDone(await appliance.setStartAtBoot(wanted), { key: 'ssh.enable', from: !wanted, to: wanted }),
});

function controlCommand(verb: ServiceVerb, brief: string, question?: string): CommandSpec {
  const change = { key: 'ssh', from: null, to: verbPast[verb] };
  return defineCommand({
    path: ['service', verb, 'ssh'],
    brief,
    effect: 'act',
    params: {},
    examples: [{ line: `service ${verb} ssh`, note: 'Through systemd if it is there, else directly.' }],
    ...(question === undefined ? {} : { confirm: () => question }),
    rehearse: async (_input: object, _snapshot: Snapshot, { appliance }: ObservePorts) =>
      rehearseDone(await appliance.rehearse.controlService(verb), `${verb} the SSH service`, change),
    run: async (_input: object, _snapshot: Snapshot, { appliance }: ActPorts) =>
      answerDone(await appliance.controlService(verb), change),
  });
}

const verbPast = { start: 'started', stop: 'stopped', reload: 'reloaded' } as const;

/** The answer of a change outside the store. */
export function answerDone(isDone: boolean, change: Change): ReturnType<typeof changesView> {
  return changesView(isDone ? [change] : []);
}

/** The answer of a dry run of it. */
export function rehearseDone(isDone: boolean, would: string, change: Change): Rehearsal {
  return { would: isDone ? would : undefined, data: answerDone(isDone, change).data };
}

export const serviceCommands: readonly CommandSpec[] = [
  query,
  config,
  update,
  enable,
  controlCommand('start', 'Start the SSH service if its configuration is valid.'),
  controlCommand(
    'stop',
    'Stop the SSH service. Open sessions stay.',
    'nobody can sign in over SSH until it starts again',
  ),
  controlCommand('reload', 'Reload the SSH service if its configuration is valid.'),
];
