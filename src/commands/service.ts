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
  brief: 'Show the services, whether they run, and whether they start with the machine.',
  effect: 'observe',
  params: {},
  query: { columns: serviceColumns },
  examples: [{ line: 'service query', note: 'The SSH service as it stands.' }],
  run: async (_input, _at, { appliance }) => ({
    shape: 'rows',
    data: [await appliance.service()],
    columns: serviceColumns,
  }),
});

const config = defineCommand({
  path: ['service', 'ssh', 'config'],
  brief: 'Show what Postern asks of sshd, and what it means for who signs in.',
  effect: 'observe',
  params: {},
  examples: [{ line: 'service ssh config', note: 'null: as sshd_config has it.' }],
  run: async (_input, at, { appliance }) => ({
    shape: 'record',
    data: { ...at.settings.ssh, codes: asksForCodes(at), meaning: await appliance.explainSsh(at.settings) },
  }),
});

function asksForCodes({ settings }: At): boolean {
  return settings.two_factor.enabled && settings.two_factor.services.ssh;
}

const asMachine = nullableBoolean('as sshd_config says');

const update = defineCommand({
  path: ['service', 'ssh', 'update'],
  brief: 'Change who may sign in over SSH, and how.',
  details:
    'With two-factor authentication on, every way of signing in asks for a code as well: passwordauth=false then means a public key and a code.',
  effect: 'write',
  params: {
    passwordauth: { kind: asMachine, brief: 'allow sign-in with a password' },
    rootlogin: { kind: asMachine, brief: 'allow root to sign in with a password' },
  },
  examples: [
    { line: 'service ssh update passwordauth=false', note: 'Public keys only; with codes on: key and code.' },
  ],
  run: (changes, at) => {
    refuseEmptyUpdate(changes, 'service ssh update', 'setting');
    return answerChange(at.settings, { ...at.settings, ssh: { ...at.settings.ssh, ...changes } }, []);
  },
});

const enable = defineCommand({
  path: ['service', 'update', 'ssh'],
  brief: 'Make the SSH service start with the machine, or not.',
  effect: 'act',
  params: { enable: { kind: boolean, brief: 'whether it starts with the machine', required: true } },
  examples: [{ line: 'service update ssh enable=true', note: 'It runs after the next boot too.' }],
  rehearse: async ({ enable: wanted }, _at, { appliance }) =>
    rehearseDone(
      await appliance.rehearse.setStartAtBoot(wanted),
      wanted
        ? 'make the SSH service start with the machine'
        : 'stop the SSH service from starting with the machine',
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
    examples: [{ line: `service ${verb} ssh`, note: 'By systemd where there is systemd, else directly.' }],
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
  controlCommand('start', 'Start the SSH service, if its configuration is good.'),
  controlCommand(
    'stop',
    'Stop the SSH service; sessions that are open stay.',
    'nobody can sign in over SSH until it is started again',
  ),
  controlCommand('reload', 'Let the SSH service read its configuration again, if it is good.'),
];
