import type { Json, View } from '../output/view.ts';
import type { ServiceVerb } from '../ports.ts';
import { boolean, nullableBoolean } from '../registry/kinds.ts';
import {
  type ActPorts,
  type At,
  type CommandSpec,
  defineCommand,
  type ObservePorts,
  type Rehearsal,
} from '../registry/spec.ts';
import { refuseEmptyUpdate } from './account.ts';
import { answerChange } from './auth-two-factor.ts';

const serviceColumns = ['service', 'installed', 'running', 'enable', 'pid'] as const;

const query = defineCommand({
  path: ['service', 'query'],
  brief: 'List the services: whether they run, and whether they start at boot.',
  effect: 'observe',
  params: {},
  query: { columns: serviceColumns },
  examples: [{ line: 'service query', note: 'The state of the SSH service.' }],
  run: async (_input, _at, { appliance }) => ({
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
  run: async (_input, at, { appliance }) => ({
    shape: 'record',
    data: { ...at.settings.ssh, codes: asksForCodes(at), meaning: await appliance.explainSsh(at.settings) },
  }),
});

function asksForCodes({ settings }: At): boolean {
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
  run: (changes, at) => {
    refuseEmptyUpdate(changes, 'service ssh update', 'setting');
    return answerChange(at.settings, { ...at.settings, ssh: { ...at.settings.ssh, ...changes } }, []);
  },
});

const enable = defineCommand({
  path: ['service', 'update', 'ssh'],
  brief: 'Choose whether the SSH service starts at boot.',
  effect: 'act',
  params: { enable: { kind: boolean, brief: 'whether it starts at boot', required: true } },
  examples: [{ line: 'service update ssh enable=true', note: 'It also runs after the next boot.' }],
  rehearse: async ({ enable: wanted }, _at, { appliance }) =>
    rehearseDone(
      await appliance.rehearse.setStartAtBoot(wanted),
      wanted ? 'make the SSH service start at boot' : 'stop the SSH service from starting at boot',
      { key: 'ssh.enable', from: !wanted, to: wanted },
    ),
  run: async ({ enable: wanted }, _at, { appliance }) =>
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
    rehearse: async (_input: object, _at: At, { appliance }: ObservePorts) =>
      rehearseDone(await appliance.rehearse.controlService(verb), `${verb} the SSH service`, change),
    run: async (_input: object, _at: At, { appliance }: ActPorts) =>
      answerDone(await appliance.controlService(verb), change),
  });
}

const verbPast = { start: 'started', stop: 'stopped', reload: 'reloaded' } as const;

type Change = { readonly key: string; readonly from: Json; readonly to: Json };

/** The answer of a change outside the store. */
export function answerDone(isDone: boolean, change: Change): View {
  return { shape: 'changes', data: describeDone(isDone, change) };
}

/** The answer of a dry run of it. */
export function rehearseDone(isDone: boolean, would: string, change: Change): Rehearsal {
  return { would: isDone ? would : undefined, data: describeDone(isDone, change) };
}

function describeDone(isDone: boolean, change: Change) {
  return { changed: isDone, changes: isDone ? [change] : [], warnings: [] };
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
