import type { Deadline } from '../../domain/deadline.ts';
import type { Settings } from '../../domain/settings.ts';
import { isPosternError, PosternError } from '../../errors.ts';
import { hasPamBlock, pamServicePath } from '../pam/block.ts';
import { type Asked, decideAsked, isAskedIn, isExact, writeCriteria } from '../sshd/asked.ts';
import { expectSshdValues, renderSshdConfig } from '../sshd/drop-in.ts';
import { sshdDropInPath } from '../sshd/paths.ts';
import { decideSshPolicy, type SshPolicy } from '../sshd/policy.ts';
import { isAskable, listProbes } from '../sshd/probes.ts';
import { listVainExemptions, refuseSshdConfig } from '../sshd/refusals.ts';
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
import { warnOfLockout, warnOfNoReturn, warnOfSize, warnOfUnaskable } from './plan-warnings.ts';
import { comesBack, wantsEnforcement } from './wants.ts';

/**
 * What should be on this machine for these settings. With codes off, PAM and sshd are as they were before, so that a
 * sign-in depends on nothing of Postern's, except where codes are off for a time, which the switch ends. `keepsSwitch`:
 * a switch that says off stays, because someone who was locked out set it and changes something else now. Errors, where codes are asked for and cannot be:
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
      follows: false,
      files: [],
      facts,
      ...nothingAsked,
      warnings: [],
    };
  }
  const switchedOff = enforced && keepsSwitch && saysOff(facts);
  const asked = chooseAsked(settings, facts);
  const matches = readConcerning(asked, facts);
  const policy = decideFor(asked, enforced, settings, facts);
  const render = (codes: boolean) => renderFor(asked, codes, settings, facts);
  const end = findEnd(settings);
  const held = enforced || end === undefined ? undefined : findHeldBlock(facts);
  const pam =
    held === undefined ? planPam(enforced, facts, asked) : planFile('pam', pamServicePath, held, facts);
  const standing = enforced ? judgeSshdConfig(facts, asked, keepsSwitch) : [];
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
    follows: enforced && keepsSwitch,
    warnings: enforced
      ? [
          ...standing,
          ...warnOfUnaskable(facts),
          ...listVainExemptions(facts, asked),
          ...warnOfSize(settings, facts, asked),
          ...warnOfLockout(policy, facts, matches.length),
        ]
      : warnOfNoReturn(settings, held, facts),
  };
}

/** What is once nothing of Postern's is left in the system: every file as it was before. */
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
    follows: false,
    files: facts.managesSystem ? files : [],
    facts,
    ...nothingAsked,
    warnings: [],
  };
}

/**
 * Characters of sshd's configuration, which each connection is handed and reads again. Before 8.4 sshd took 256 KiB at
 * most; 9.2 signs in with over 2 MiB, in a second instead of 0.7.
 */
const mostConfiguration = 1024 * 1024;

/** Whom sshd is to ask; everyone, where the names of those who must be asked are too long a list for it. */
export function chooseAsked(settings: Settings, facts: SystemFacts): Asked {
  const named = decideAsked(settings.two_factor, facts.accountNames);
  const keyOptions = settings.two_factor.security_keys ? { keyOptions: writeKeyOptions(facts) } : {};
  const asked: Asked = { ...named, ...keyOptions };
  const length = Buffer.byteLength(renderFor(asked, true, settings, facts) ?? '');
  return length + facts.sshdScan.size > mostConfiguration ? { who: 'everybody', ...keyOptions } : asked;
}

/** A key that was not touched is no second factor; what a line of sshd_config asks for besides stays so. */
function writeKeyOptions({ sshdScan }: SystemFacts): string {
  const verifies = sshdScan.lines.some(
    ({ keyword, value }) => keyword === 'pubkeyauthoptions' && value.includes('verify-required'),
  );
  return verifies ? 'touch-required verify-required' : 'touch-required';
}

/** The Match blocks of sshd_config about someone who is asked; any other counts as it is. */
function readConcerning(asked: Asked, facts: SystemFacts) {
  return readMatches(facts.sshdScan).filter(({ criteria }) => writeCriteria(asked, criteria) !== null);
}

function decideFor(asked: Asked, codes: boolean, settings: Settings, facts: SystemFacts): SshPolicy {
  const matches = readConcerning(asked, facts);
  return decideSshPolicy(codes, settings.ssh, facts.base ?? stockSshdBase, matches);
}

function renderFor(asked: Asked, codes: boolean, settings: Settings, facts: SystemFacts): string | null {
  if (!facts.sshdInstalled) return null;
  const policy = decideFor(asked, codes, settings, facts);
  return renderSshdConfig(policy, settings.ssh, facts.superusers, asked);
}

/**
 * What of sshd's configuration stands against codes. It is refused where they are turned on; while they are asked for,
 * a line that someone has written since must not make every other change fail, and is a warning.
 */
function judgeSshdConfig(facts: SystemFacts, asked: Asked, follows: boolean): readonly string[] {
  refuseInexact(facts, asked);
  try {
    refuseSshdConfig(facts, asked);
    return [];
  } catch (error) {
    if (!follows || !isPosternError(error)) throw error;
    const hint = error.problems[0]?.hint;
    return [hint === undefined ? error.message : `${error.message}; to mend it: ${hint}`];
  }
}

/** A pattern wider than the name would ask others too. Error: `rule.name_unusable`. */
function refuseInexact({ present }: SystemFacts, asked: Asked): void {
  if (asked.who === 'everybody') return;
  const standing = present[sshdDropInPath]?.content ?? '';
  const name = [...asked.names].find((each) => !isExact(each) && !isAskedIn(standing, each));
  if (name === undefined) return;
  throw new PosternError({
    code: 'rule.name_unusable',
    message: `sshd cannot be told of ${JSON.stringify(name)}: a Match block cannot name an account with such characters`,
    hint: 'auth two_factor update unenrolled=deny',
  });
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

const nothingAsked = { expected: [], probes: [], sshdWithoutCodes: null } as const;

function saysOff({ present, stateDirectory }: SystemFacts): boolean {
  const [override, state] = [overridePath, switchPath(stateDirectory)].map((path) =>
    parseSwitch(present[path]?.content ?? ''),
  );
  const standing = override ?? state;
  // One with an end is a timer's, which nobody has thrown.
  return standing?.word === 'off' && standing.end === undefined;
}
