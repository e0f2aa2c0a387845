import type { Deadline } from '../../domain/deadline.ts';
import { PosternError } from '../../errors.ts';
import { addPamBlock, hasPamBlock, type PamArguments, pamServicePath, removePamBlock } from '../pam/block.ts';
import { type Asked, hasLimits } from '../sshd/asked.ts';
import { isOwnSshdConfig } from '../sshd/drop-in.ts';
import { sshdDropInPath } from '../sshd/paths.ts';
import { overridePath, parseSwitch, renderSwitch, switchPath } from '../switch/file.ts';
import { settleWords, waitWords, watchWords } from '../switch/timer.ts';
import { renderInitScript, renderTimerUnits, timerUnitPaths } from '../switch/units.ts';
import { refuseUntrusted } from '../trust/trust.ts';
import type { FileChange, SystemFacts } from '../types.ts';
import { renderWatchCron, renderWatchUnits, watchUnitPaths } from '../watch/units.ts';

/** The PAM file of sshd with the block that asks for codes, or without. Errors: those of `planSystem`. */
export function planPam(enforced: boolean, facts: SystemFacts, asked: Asked): FileChange {
  if (!enforced) return planFile('pam', pamServicePath, withoutBlock(facts), facts);
  if (!facts.sshdInstalled) {
    throw new PosternError({
      code: 'rule.ssh_missing',
      message: 'services.ssh needs an SSH server, and none is installed',
      hint: 'apt-get install openssh-server',
    });
  }
  if (facts.modulePath === null) {
    throw new PosternError({
      code: 'rule.pam_module_missing',
      message: 'pam_postern.so, which asks for the code, is not installed',
      hint: 'make -C src/pam install',
    });
  }
  refuseUntrusted(facts);
  if (!facts.moduleIsCurrent) {
    throw new PosternError({
      code: 'rule.pam_module_outdated',
      message: `${facts.modulePath} comes from an older Postern, and would deny every SSH sign-in with the configuration of this one`,
      hint: 'make -C src/pam install',
    });
  }
  const present = facts.present[pamServicePath];
  const after =
    present === undefined
      ? undefined
      : addPamBlock(
          present.content,
          listPamArguments(facts, facts.modulePath, asked),
          (name) => facts.pamServices[name],
        );
  if (after === undefined) {
    throw new PosternError({
      code: 'rule.pam_service_missing',
      message: `${pamServicePath} is missing or asks for no password; it comes with sshd's package`,
      hint: 'apt-get install --reinstall -o Dpkg::Options::=--force-confmiss openssh-server',
    });
  }
  refuseUnsafe(pamServicePath, facts);
  return planFile('pam', pamServicePath, after, facts);
}

/** What the block in PAM's file is to say. */
export function listPamArguments(facts: SystemFacts, modulePath: string, asked: Asked): PamArguments {
  const { stateDirectory, interpreter, helper } = facts;
  // sshd cannot know the machine's own addresses, nor which of an account's groups have no name.
  const keys = hasLimits(asked) ? 'policy' : 'spelling';
  return { modulePath, stateDirectory, node: interpreter?.path ?? null, helper, keys };
}

/** The drop-in of sshd; `wanted` null: there is to be none. Errors: `rule.file_unsafe`, `rule.sshd_file_foreign`. */
export function planSshd(enforced: boolean, wanted: string | null, facts: SystemFacts): FileChange {
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
    message: `${sshdDropInPath} is Postern's file, but something else wrote it`,
    hint: `mv ${sshdDropInPath} ${sshdDropInPath.replace('00-postern', '01-local')}`,
  });
}

/** The drop-in where it is of someone else, who keeps it; null: it is not. */
export function readForeignDropIn({ present }: SystemFacts): string | null {
  const content = present[sshdDropInPath]?.content;
  return content === undefined || isOwnSshdConfig(content) ? null : content;
}

function refuseUnsafe(path: string, { present }: SystemFacts): void {
  const fault = present[path]?.fault;
  if (fault === undefined) return;
  throw new PosternError({
    code: 'rule.file_unsafe',
    message: `${fault.message}: only root may be able to write what guards the sign-in`,
    hint: fault.hint,
  });
}

/** What PAM's file is to be without Postern; null: there is none. */
export function withoutBlock(facts: SystemFacts): string | null {
  const present = facts.present[pamServicePath];
  return present === undefined ? null : removePamBlock(present.content);
}

/** Both switches, in the order in which they are put in force; `end`: when the other word holds again. */
export function planSwitches(enforced: boolean, end: Deadline | undefined, facts: SystemFacts): FileChange[] {
  const state = planFile('switch', switchPath(facts.stateDirectory), renderSwitch(enforced, end), facts);
  const standing = facts.present[overridePath];
  // An override goes when codes are asked for again, if only later; else one that says off may stay until the boot.
  const stays = !enforced && end === undefined && parseSwitch(standing?.content ?? '')?.word === 'off';
  const override = stays ? (standing?.content ?? null) : null;
  const overrides = planFile('switch', overridePath, override, facts);
  return enforced ? [overrides, state] : [state, overrides];
}

/** What init needs to put a change in force in time; null: nothing is pending. */
export function planTimerUnits(pending: Deadline | null, facts: SystemFacts): FileChange[] {
  const content = pending === null ? {} : renderTimer(pending, facts);
  return Object.values(timerUnitPaths).map((path) => planFile('unit', path, content[path] ?? null, facts));
}

/** What init needs to have enforcement looked at by itself, while codes are asked for. */
export function planWatchUnits(enforced: boolean, facts: SystemFacts): FileChange[] {
  const content = enforced ? renderWatch(facts) : {};
  return Object.values(watchUnitPaths).map((path) => planFile('unit', path, content[path] ?? null, facts));
}

function renderWatch({ init, program, modulePath, helper, programDirectory }: SystemFacts) {
  const look = [...program, ...watchWords];
  const folders = ['/etc/pam.d', '/etc/ssh', '/etc/ssh/sshd_config.d', `${programDirectory}/dist`];
  const watched = new Set([...folders, modulePath ?? '', helper, ...program].filter((path) => path !== ''));
  switch (init) {
    case 'systemd':
      return renderWatchUnits([...watched], look);
    case 'sysv':
      return renderWatchCron(look);
    case null:
      return {};
    default:
      return init satisfies never;
  }
}

function renderTimer(pending: Deadline, { init, program }: SystemFacts): Readonly<Record<string, string>> {
  switch (init) {
    case 'systemd':
      return renderTimerUnits(pending, [...program, ...settleWords]);
    case 'sysv':
      return renderInitScript([...program, ...waitWords]);
    case null:
      return {};
    default:
      return init satisfies never;
  }
}

/** One file of Postern's as it is and as it should be; `after` null: it goes. */
export function planFile(
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
