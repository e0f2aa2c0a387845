import type { Settings } from '../../domain/settings.ts';
import type { Asked } from '../sshd/asked.ts';
import { overlapLimit } from '../sshd/match.ts';
import type { SshPolicy } from '../sshd/policy.ts';
import { isAskable } from '../sshd/probes.ts';
import type { SystemFacts } from '../types.ts';
import { comesBack } from './wants.ts';

// What the answer says about a plan; nothing here decides.

export function warnOfSize(settings: Settings, { accountNames }: SystemFacts, asked: Asked): string[] {
  if (asked.who !== 'everybody' || settings.two_factor.unenrolled !== 'allow') return [];
  return [
    `${accountNames.named.length} accounts are more than sshd's configuration can name: it asks everyone, and programs without a terminal cannot sign in`,
  ];
}

/** Codes that are off for a time, and that nothing on this machine can bring back at its end. */
export function warnOfNoReturn(settings: Settings, held: string | undefined, facts: SystemFacts): string[] {
  if (settings.pending?.reason !== 'for' || !comesBack(settings)) return [];
  if (held !== undefined || (facts.modulePath !== null && facts.moduleIsCurrent)) return [];
  const fault = facts.modulePath === null ? 'is missing' : 'comes from an older Postern';
  return [
    `codes will not come back on by themselves, because the PAM module ${fault}: type make -C src/pam install before then`,
  ];
}

export function warnOfUnaskable({ administrators }: SystemFacts): string[] {
  return administrators
    .filter((name) => !isAskable(name))
    .map((name) => `sshd cannot be asked about ${name}: it accepts no name with a comma`);
}

export function warnOfLockout(policy: SshPolicy, facts: SystemFacts, matches: number): string[] {
  const isCommandsOnly =
    policy.rootForcedCommandsOnly ||
    policy.exceptions.some(({ permitRootLogin }) => permitRootLogin === 'forced-commands-only');
  const overlaps =
    policy.codes && matches > overlapLimit
      ? [
          'sshd_config has many Match blocks about who signs in how: where several concern an account, the narrowest counts, and a key may be needed where a password was enough',
        ]
      : [];
  const commandsOnly = isCommandsOnly
    ? [
        "root's keys do not get in over SSH while codes are asked for, not even for their commands (PermitRootLogin forced-commands-only)",
      ]
    : [];
  const administrators = facts.administrators
    .filter((name) => facts.withoutKey.includes(name))
    .flatMap((name) => {
      const signIn = name === 'root' ? policy.root : policy.everybody;
      if (signIn.byPassword) return [];
      return signIn.byKey
        ? [`${name} has no public key here, and without one cannot sign in over SSH`]
        : [`${name} cannot sign in over SSH (PermitRootLogin no)`];
    });
  return [...overlaps, ...commandsOnly, ...administrators];
}
