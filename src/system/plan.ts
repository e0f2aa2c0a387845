import type { Settings } from '../domain/settings.ts';
import { decideSshPolicy, type SshPolicy, stockSshdBase } from '../domain/ssh.ts';
import { PosternError } from '../errors.ts';
import { addPamBlock, hasPamBlock, pamServicePath, removePamBlock } from './render/pam.ts';
import { expectSshdValues, isOwnSshdConfig, renderSshdConfig, sshdDropInPath } from './render/sshd-config.ts';
import { overridePath, parseSwitch, renderSwitch, switchPath } from './render/switch.ts';
import { renderInitScript, renderTimerUnits, timerUnitPaths } from './render/units.ts';
import { refuseSshdConfig } from './sshd-obstacles.ts';
import { isAskable, listProbes } from './sshd-probes.ts';
import { readMatches } from './sshd-scan.ts';
import { waitWords } from './timer.ts';
import { refuseUntrusted } from './trust.ts';
import type { FileChange, SystemFacts, SystemPlan } from './types.ts';

/** Whether the settings ask for a code at SSH sign-in. */
export function wantsEnforcement(settings: Settings): boolean {
  return settings.two_factor.enabled && settings.two_factor.services.ssh;
}

/** The words that make this program put due changes in force and end: what timers run. */
export const settleWords = ['timers', 'run'] as const;

/**
 * What should stand on this machine for these settings. With codes off, PAM and sshd are as they were before, so
 * that a sign-in then depends on nothing of Postern's. `keepsSwitch`: one that says off stays, for somebody who was
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
  const matches = readMatches(facts.sshdScan);
  const decide = (codes: boolean) =>
    decideSshPolicy(codes, settings.ssh, facts.base ?? stockSshdBase, matches);
  const render = (codes: boolean) =>
    facts.sshdInstalled ? renderSshdConfig(decide(codes), settings.ssh, facts.superusers) : null;
  const policy = decide(enforced);
  const pam = planPam(enforced, facts);
  if (enforced) refuseSshdConfig(facts);
  const sshd = planSshd(enforced, render(enforced), facts);
  const switches = switchedOff ? [] : planSwitches(enforced, facts);
  const administrators = facts.administrators.filter(isAskable);
  const units = planTimerUnits(settings.pending?.due_ms ?? null, facts);
  return {
    managesSystem: true,
    enforced,
    switchedOff,
    // Each state on the way must be a safe one: the switch is thrown last when on, first when off.
    files: enforced ? [pam, sshd, ...units, ...switches] : [...switches, sshd, pam, ...units],
    facts,
    expected: facts.sshdInstalled && !enforced ? expectSshdValues(policy, settings.ssh, administrators) : [],
    probes: enforced ? listProbes(facts) : [],
    sshdWithoutCodes: render(false),
    warnings: enforced ? [...warnOfUnaskable(facts), ...warnOfLockout(policy, facts)] : [],
  };
}

/** What stands once nothing of Postern's is left in the system: every file as it was before. */
export function planRemoval(facts: SystemFacts): SystemPlan {
  const pam = planFile('pam', pamServicePath, withoutBlock(facts), facts);
  const files = [
    planFile('sshd', sshdDropInPath, readForeignDropIn(facts), facts),
    pam,
    ...planTimerUnits(null, facts),
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

const nothingAsked = { expected: [], probes: [], sshdWithoutCodes: null } as const;

function planPam(enforced: boolean, facts: SystemFacts): FileChange {
  if (!enforced) return planFile('pam', pamServicePath, withoutBlock(facts), facts);
  if (!facts.sshdInstalled) {
    throw new PosternError({
      code: 'rule.ssh_missing',
      message: 'services.ssh asks for codes at SSH sign-in, and no SSH server is installed here',
      hint: 'apt-get install openssh-server',
    });
  }
  if (facts.modulePath === null) {
    throw new PosternError({
      code: 'rule.pam_module_missing',
      message: 'pam_postern.so, which asks for the code at SSH sign-in, is not installed here',
      hint: 'make -C src/pam install',
    });
  }
  refuseUntrusted(facts);
  const present = facts.present[pamServicePath];
  const after =
    present === undefined
      ? undefined
      : addPamBlock(
          present.content,
          { modulePath: facts.modulePath, stateDirectory: facts.stateDirectory, helper: facts.helper },
          (name) => facts.pamServices[name],
        );
  if (after === undefined) {
    throw new PosternError({
      code: 'rule.pam_service_missing',
      message: `${pamServicePath} is missing or asks for no password: sshd's package brings it`,
      hint: 'apt-get install --reinstall -o Dpkg::Options::=--force-confmiss openssh-server',
    });
  }
  refuseUnsafe(pamServicePath, facts);
  return planFile('pam', pamServicePath, after, facts);
}

function planSshd(enforced: boolean, wanted: string | null, facts: SystemFacts): FileChange {
  const foreign = readForeignDropIn(facts);
  if (foreign === null) {
    if (enforced) refuseUnsafe(sshdDropInPath, facts);
    return planFile('sshd', sshdDropInPath, wanted, facts);
  }
  // Where codes are to end, the rest must go on all the same.
  const endsCodes = !enforced && hasPamBlock(facts.present[pamServicePath]?.content ?? '');
  if (wanted === null || endsCodes) return planFile('sshd', sshdDropInPath, foreign, facts);
  throw new PosternError({
    code: 'rule.sshd_file_foreign',
    message: `${sshdDropInPath} is where Postern writes, and what is there was written by somebody else`,
    hint: `mv ${sshdDropInPath} ${sshdDropInPath.replace('00-postern', '01-local')}`,
  });
}

/** The drop-in where it is of somebody else, who keeps it; null: it is not. */
function readForeignDropIn({ present }: SystemFacts): string | null {
  const content = present[sshdDropInPath]?.content;
  return content === undefined || isOwnSshdConfig(content) ? null : content;
}

function refuseUnsafe(path: string, { present }: SystemFacts): void {
  const fault = present[path]?.fault;
  if (fault === undefined) return;
  throw new PosternError({
    code: 'rule.file_unsafe',
    message: `${fault.message}: what guards the sign-in must be for root alone to write`,
    hint: fault.hint,
  });
}

function withoutBlock(facts: SystemFacts): string | null {
  const present = facts.present[pamServicePath];
  return present === undefined ? null : removePamBlock(present.content);
}

function saysOff({ present, stateDirectory }: SystemFacts): boolean {
  const words = [overridePath, switchPath(stateDirectory)].map((path) =>
    parseSwitch(present[path]?.content ?? ''),
  );
  return (words[0] ?? words[1]) === 'off';
}

function planSwitches(enforced: boolean, facts: SystemFacts): FileChange[] {
  const state = planFile('switch', switchPath(facts.stateDirectory), renderSwitch(enforced), facts);
  const standing = facts.present[overridePath];
  // An override goes when codes are asked for anew; with codes off, one that says off may stay until the boot.
  const override =
    enforced || standing === undefined || parseSwitch(standing.content) !== 'off' ? null : standing.content;
  const overrides = planFile('switch', overridePath, override, facts);
  return enforced ? [overrides, state] : [state, overrides];
}

function planTimerUnits(dueMs: number | null, facts: SystemFacts): FileChange[] {
  const content = dueMs === null ? {} : renderTimer(dueMs, facts);
  return Object.values(timerUnitPaths).map((path) => planFile('unit', path, content[path] ?? null, facts));
}

function renderTimer(dueMs: number, { init, program }: SystemFacts): Readonly<Record<string, string>> {
  switch (init) {
    case 'systemd':
      return renderTimerUnits(dueMs, [...program, ...settleWords]);
    case 'sysv':
      return renderInitScript([...program, ...waitWords]);
    case null:
      return {};
    default:
      return init satisfies never;
  }
}

function planFile(
  kind: FileChange['kind'],
  path: string,
  after: string | null,
  facts: SystemFacts,
): FileChange {
  const present = facts.present[path];
  // The package's file keeps its mode; what is Postern's own is for root, and readable where programs must read it.
  const isProgram = path === timerUnitPaths.script;
  const mode =
    kind === 'pam' ? (present?.mode ?? 0o644) : kind === 'switch' ? 0o600 : isProgram ? 0o755 : 0o644;
  return { kind, path, before: present?.content ?? null, after, mode };
}

function warnOfUnaskable({ administrators }: SystemFacts): string[] {
  return administrators
    .filter((name) => !isAskable(name))
    .map((name) => `sshd cannot be asked what counts for ${name}: it takes no name with a comma`);
}

function warnOfLockout(policy: SshPolicy, facts: SystemFacts): string[] {
  const isCommandsOnly =
    policy.rootForcedCommandsOnly ||
    policy.exceptions.some(({ permitRootLogin }) => permitRootLogin === 'forced-commands-only');
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
  return [...commandsOnly, ...administrators];
}
