import type { CommandSpec, NamespaceBrief } from '../registry/spec.ts';
import { buildRegistry, type Registry } from '../registry/tree.ts';
import { userCommands } from './account-user.ts';
import { userCodeCommands } from './account-user-codes.ts';
import { userSecretCommands } from './account-user-secrets.ts';
import { userShownCommands } from './account-user-shown.ts';
import { twoFactorCommands } from './auth-two-factor.ts';
import { serviceCommands } from './service.ts';
import { systemCommands } from './system.ts';
import { systemConfigCommands } from './system-config.ts';
import { enforcementCommands } from './system-enforcement.ts';
import { powerCommands } from './system-power.ts';

const namespaces: readonly NamespaceBrief[] = [
  { path: ['auth'], brief: 'How people prove who they are.' },
  { path: ['auth', 'two_factor'], brief: 'Two-factor authentication: settings and state.' },
  { path: ['account'], brief: 'Who may sign in.' },
  { path: ['account', 'user'], brief: 'Accounts, their devices, secrets and recovery codes.' },
  { path: ['service'], brief: 'Services that ask for codes.' },
  { path: ['service', 'ssh'], brief: 'The SSH service.' },
  { path: ['service', 'update'], brief: 'Whether a service runs.' },
  { path: ['service', 'start'], brief: 'Start a service.' },
  { path: ['service', 'stop'], brief: 'Stop a service.' },
  { path: ['service', 'reload'], brief: 'Let a service read its configuration again.' },
  { path: ['system'], brief: 'The appliance itself.' },
  { path: ['system', 'audit'], brief: 'What was done, by whom.' },
  { path: ['system', 'config'], brief: 'Backups of settings and accounts.' },
  { path: ['system', 'enforcement'], brief: 'What of Postern stands in sshd and PAM.' },
];

/** Every command that Postern has; `builtins` are the shell's own. */
export function createRegistry(builtins: readonly CommandSpec[]): Registry {
  const commands = [
    ...twoFactorCommands,
    ...userCommands,
    ...userSecretCommands,
    ...userCodeCommands,
    ...userShownCommands,
    ...systemCommands,
    ...systemConfigCommands,
    ...enforcementCommands,
    ...serviceCommands,
    ...powerCommands,
    ...builtins,
  ];
  return buildRegistry(commands, namespaces);
}
