import { text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand } from '../registry/spec.ts';
import { usernameParam } from './account.ts';
import { answerDone, rehearseDone } from './service.ts';

const setPassword = defineCommand({
  path: ['account', 'user', 'set_password'],
  brief: "Change an account's system password. Its devices and codes stay.",
  effect: 'act',
  params: {
    username: { ...usernameParam, required: true },
    password: {
      kind: text('a password', '-', { maxLength: 1024 }),
      brief: 'the new password; - reads it from standard input',
      required: true,
      secret: true,
      stdin: true,
    },
  },
  examples: [
    {
      line: 'account user set_password username=root password=-',
      note: 'Asks on a terminal; reads a pipe in a script.',
    },
  ],
  rehearse: async ({ username, password }, _snapshot, { appliance }) => {
    await appliance.rehearse.setPassword(username, password);
    return rehearseDone(true, `change the system password of ${username}`, passwordChanged);
  },
  run: async ({ username, password }, _snapshot, { appliance }) => {
    await appliance.setPassword(username, password);
    return answerDone(true, passwordChanged);
  },
});

const passwordChanged = { key: 'password', from: null, to: 'changed' };

const shell = defineCommand({
  path: ['system', 'shell'],
  brief: 'Open a Linux shell.',
  effect: 'act',
  params: {},
  examples: [{ line: 'system shell', note: '"exit" returns here.' }],
  rehearse: async (_input, _snapshot, { appliance }) => {
    await appliance.rehearse.openSystemShell();
    return { would: 'open a Linux shell', data: { status: null } };
  },
  run: async (_input, _snapshot, { appliance }) => {
    const status = await appliance.openSystemShell();
    return { shape: 'text', text: '', data: { status } };
  },
});

const restarting = { key: 'machine', from: null, to: 'restarting' };
const shuttingDown = { key: 'machine', from: null, to: 'shutting down' };

const reasonParams = {
  reason: {
    kind: text('a reason', 'maintenance', { maxLength: 256 }),
    brief: 'why, for the audit log',
    positional: true,
  },
} as const;

const reboot = defineCommand({
  path: ['system', 'reboot'],
  brief: 'Restart the machine.',
  effect: 'act',
  params: reasonParams,
  examples: [{ line: 'system reboot', note: 'Asks first, unless --yes is given.' }],
  confirm: () => 'this restarts the machine at once and ends all sessions',
  rehearse: async (_input, _snapshot, { appliance }) => {
    await appliance.rehearse.power();
    return rehearseDone(true, 'restart the machine, ending all sessions', restarting);
  },
  run: async (_input, _snapshot, { appliance }) => {
    await appliance.power('reboot');
    return answerDone(true, restarting);
  },
});

const shutdown = defineCommand({
  path: ['system', 'shutdown'],
  brief: 'Power the machine off.',
  effect: 'act',
  params: reasonParams,
  examples: [{ line: 'system shutdown', note: 'Asks first, unless --yes is given.' }],
  confirm: () => 'this powers the machine off at once and ends all sessions',
  rehearse: async (_input, _snapshot, { appliance }) => {
    await appliance.rehearse.power();
    return rehearseDone(true, 'power the machine off, ending all sessions', shuttingDown);
  },
  run: async (_input, _snapshot, { appliance }) => {
    await appliance.power('poweroff');
    return answerDone(true, shuttingDown);
  },
});

export const powerCommands: readonly CommandSpec[] = [setPassword, shell, reboot, shutdown];
