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
  { path: ['auth'], brief: 'Authentication.' },
  { path: ['auth', 'two_factor'], brief: 'Two-factor codes: settings and status.' },
  { path: ['account'], brief: 'Accounts.' },
  { path: ['account', 'user'], brief: 'Accounts, their devices, secrets and recovery codes.' },
  { path: ['service'], brief: 'Services that can require codes.' },
  { path: ['service', 'ssh'], brief: 'The SSH service.' },
  { path: ['service', 'update'], brief: 'Start a service, or stop it.' },
  { path: ['service', 'start'], brief: 'Start a service.' },
  { path: ['service', 'stop'], brief: 'Stop a service.' },
  { path: ['service', 'reload'], brief: 'Make a service reload its configuration.' },
  { path: ['system'], brief: 'Clock, audit log, backups, enforcement, power.' },
  { path: ['system', 'audit'], brief: 'Who did what, and when.' },
  { path: ['system', 'config'], brief: 'Export, import and reset of settings and accounts.' },
  { path: ['system', 'enforcement'], brief: "Postern's configuration of sshd and PAM." },
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
