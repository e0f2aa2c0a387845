import type { Deadline } from '../../domain/deadline.ts';
import type { Settings } from '../../domain/settings.ts';
import { hasPamBlock, pamServicePath } from '../pam/block.ts';
import { decideAsked, writeCriteria } from '../sshd/asked.ts';
import { expectSshdValues, renderSshdConfig } from '../sshd/drop-in.ts';
import { overlapLimit } from '../sshd/match.ts';
import { sshdDropInPath } from '../sshd/paths.ts';
import { decideSshPolicy, type SshPolicy } from '../sshd/policy.ts';
import { isAskable, listProbes } from '../sshd/probes.ts';
import { refuseSshdConfig } from '../sshd/refusals.ts';
import { readMatches } from '../sshd/scan.ts';
import { stockSshdBase } from '../sshd/values.ts';
import { overridePath, parseSwitch, switchPath } from '../switch/file.ts';
import type { SystemFacts, SystemPlan } from '../types.ts';
import {
  planFile,
  planPam,
  planSshd,
  planSwitches,
  planTimerUnits,
  planWatchUnits,
  readForeignDropIn,
  withoutBlock,
} from './plan-files.ts';

/** Whether the settings ask for a code at SSH sign-in. */
export function wantsEnforcement(settings: Settings): boolean {
  return settings.two_factor.enabled && settings.two_factor.services.ssh;
}

/**
 * What should stand on this machine for these settings. With codes off, PAM and sshd are as they were before, so
 * that a sign-in then depends on nothing of Postern's; but for a time off, which the switch ends. `keepsSwitch`: one that says off stays, for somebody who was
 * locked out threw it, and changes something else now. Errors, where codes are asked for and cannot be:
 * `rule.ssh_missing`, `rule.pam_module_missing`, `rule.program_untrusted`, `rule.pam_service_missing`,
 * `rule.file_unsafe`, `apply.sshd_values`; and `rule.sshd_file_foreign`.
 */
export function planSystem(settings: Settings, facts: SystemFacts, keepsSwitch = false): SystemPlan {
  const enforced = wantsEnforcement(settings);
  if (!facts.managesSystem) {
    return {
      managesSystem: false,
      enforced,
      switchedOff: false,
      files: [],
      facts,
      ...nothingAsked,
      warnings: [],
    };
  }
  const switchedOff = enforced && keepsSwitch && saysOff(facts);
  const asked = decideAsked(settings.two_factor, facts.accountNames);
  // A block about nobody who is asked counts as it stands.
  const matches = readMatches(facts.sshdScan).filter(
    ({ criteria }) => writeCriteria(asked, criteria) !== null,
  );
  const decide = (codes: boolean) =>
    decideSshPolicy(codes, settings.ssh, facts.base ?? stockSshdBase, matches);
  const render = (codes: boolean) =>
    facts.sshdInstalled ? renderSshdConfig(decide(codes), settings.ssh, facts.superusers, asked) : null;
  const policy = decide(enforced);
  const end = findEnd(settings);
  const held = enforced || end === undefined ? undefined : findHeldBlock(facts);
  const pam = held === undefined ? planPam(enforced, facts) : planFile('pam', pamServicePath, held, facts);
  if (enforced) refuseSshdConfig(facts);
  const sshd = planSshd(enforced, render(enforced || held !== undefined), facts);
  const switches = switchedOff ? [] : planSwitches(enforced, end, facts);
  const administrators = facts.administrators.filter(isAskable);
  const units = [
    ...planTimerUnits(settings.pending, facts),
    ...planWatchUnits(enforced || comesBack(settings), facts),
  ];
  const isPlain = facts.sshdInstalled && !enforced && held === undefined;
  return {
    managesSystem: true,
    enforced,
    switchedOff,
    // Each state on the way must be a safe one: the switch is thrown last when on, first when off.
    files: enforced ? [pam, sshd, ...units, ...switches] : [...switches, sshd, pam, ...units],
    facts,
    expected: isPlain ? expectSshdValues(policy, settings.ssh, administrators) : [],
    probes: enforced ? listProbes(facts, asked) : [],
    sshdWithoutCodes: render(false),
    warnings: enforced
      ? [...warnOfUnaskable(facts), ...warnOfLockout(policy, facts, matches.length)]
      : warnOfNoReturn(settings, held, facts),
  };
}

/** What stands once nothing of Postern's is left in the system: every file as it was before. */
export function planRemoval(facts: SystemFacts): SystemPlan {
  const pam = planFile('pam', pamServicePath, withoutBlock(facts), facts);
  const files = [
    planFile('sshd', sshdDropInPath, readForeignDropIn(facts), facts),
    pam,
    ...planTimerUnits(null, facts),
    ...planWatchUnits(false, facts),
    // Last, for without a switch the module asks for codes.
    planFile('switch', overridePath, null, facts),
    planFile('switch', switchPath(facts.stateDirectory), null, facts),
  ];
  return {
    managesSystem: facts.managesSystem,
    enforced: false,
    switchedOff: false,
    files: facts.managesSystem ? files : [],
    facts,
    ...nothingAsked,
    warnings: [],
  };
}

/** Whether nothing of Postern's is in the system: a removal would find nothing to do. */
export function isTakenOut(facts: SystemFacts): boolean {
  return facts.managesSystem && planRemoval(facts).files.every(({ before, after }) => before === after);
}

/** When the switch is to end by itself: where a pending change brings the other answer back. */
export function findEnd(settings: Settings): Deadline | undefined {
  const { pending } = settings;
  if (pending?.boot_id === undefined) return undefined;
  const later = wantsEnforcement({ ...settings, two_factor: pending.restore });
  return later === wantsEnforcement(settings) ? undefined : pending;
}

/**
 * The PAM file with the block that stays in it while codes are off for a time: with no Postern running, nobody else
 * could ask for them again in time. undefined: there is none, or its module cannot do that.
 */
function findHeldBlock({ present, modulePath, moduleIsCurrent }: SystemFacts): string | undefined {
  const content = present[pamServicePath]?.content ?? '';
  return modulePath !== null && moduleIsCurrent && hasPamBlock(content) ? content : undefined;
}

/** Whether the pending change is to ask for codes again: until then it is watched that it can. */
function comesBack({ pending, ...settings }: Settings): boolean {
  return pending !== null && wantsEnforcement({ ...settings, pending, two_factor: pending.restore });
}

/** Codes that are off for a time, and that nothing on this machine can bring back at its end. */
function warnOfNoReturn(settings: Settings, held: string | undefined, facts: SystemFacts): string[] {
  if (settings.pending?.reason !== 'for' || !comesBack(settings)) return [];
  if (held !== undefined || (facts.modulePath !== null && facts.moduleIsCurrent)) return [];
  const fault = facts.modulePath === null ? 'is missing' : 'comes from an older Postern';
  return [
    `codes will not come back on by themselves, because the PAM module ${fault}: type make -C src/pam install before then`,
  ];
}

const nothingAsked = { expected: [], probes: [], sshdWithoutCodes: null } as const;

function saysOff({ present, stateDirectory }: SystemFacts): boolean {
  const [override, state] = [overridePath, switchPath(stateDirectory)].map((path) =>
    parseSwitch(present[path]?.content ?? ''),
  );
  const standing = override ?? state;
  // One with an end is a timer's, which nobody has thrown.
  return standing?.word === 'off' && standing.end === undefined;
}

function warnOfUnaskable({ administrators }: SystemFacts): string[] {
  return administrators
    .filter((name) => !isAskable(name))
    .map((name) => `sshd cannot be asked about ${name}: it accepts no name with a comma`);
}

function warnOfLockout(policy: SshPolicy, facts: SystemFacts, matches: number): string[] {
  const isCommandsOnly =
    policy.rootForcedCommandsOnly ||
    policy.exceptions.some(({ permitRootLogin }) => permitRootLogin === 'forced-commands-only');
  const overlaps =
    policy.codes && matches > overlapLimit
      ? [
          'sshd_config has many Match blocks about who signs in how: where several concern somebody, the narrowest counts, and a key may be needed where a password was enough',
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
