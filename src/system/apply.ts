import { isPosternError, PosternError } from '../errors.ts';
import { closeJournal, openJournal, writeOrRemove } from './journal.ts';
import { checkStagedPam, findCodePromptFault } from './pam-check.ts';
import { sshdDropInPath } from './render/sshd-config.ts';
import { timerUnitPaths } from './render/units.ts';
import { askSshd, checkSshdConfig, type StagedSshdConfig, stageSshdConfig } from './sshd.ts';
import { findListener, judgeListener, reloadListener, startSshd } from './sshd-process.ts';
import { withStaging } from './staging.ts';
import type { ApplyReport, FileChange, SystemPlan, SystemPorts } from './types.ts';

export type ApplyOptions = {
  /** Called once every check has passed, before the first file is swapped; what it throws ends the change. */
  readonly save?: () => void;
  /** Called when what comes after `save` fails. */
  readonly restore?: () => void;
  /** An enrolled user, as whom a trial sign-in must meet the prompt for the code; null: there is none. */
  readonly enrolledUser?: string | null;
  /** Checks everything and reloads an sshd with an older configuration, although no file changes. */
  readonly thorough?: boolean;
};

/**
 * Puts a plan in force: stages and checks every file, saves, swaps, reloads sshd, proves the result; or puts
 * everything back and throws `apply.*`.
 */
export function applyPlan(plan: SystemPlan, ports: SystemPorts, options: ApplyOptions = {}): ApplyReport {
  const changes = plan.files.filter((change) => change.before !== change.after);
  const touchesSshd = changes.some(({ kind }) => kind === 'sshd');
  const checksPam = plan.enforced && (options.thorough || changes.some(({ kind }) => kind === 'pam'));
  if (plan.managesSystem) {
    refuseForeignChanges(changes, ports);
    if (touchesSshd || options.thorough) checkStagedSshd(plan, ports);
    if (checksPam) checkPam(plan, ports);
  }
  options.save?.();
  if (!plan.managesSystem) return { changed: [], sshd: 'unchanged', warnings: [] };
  const done: FileChange[] = [];
  const wasRunning = touchesSshd && findListener(ports) !== null;
  try {
    if (changes.length > 0) {
      openJournal(ports, plan.facts.stateDirectory, changes, plan.enforced ? 'before' : 'after');
    }
    const sshd = swapFiles(plan, changes, done, ports, options);
    if (plan.enforced && (checksPam || touchesSshd)) proveCodePrompt(plan, ports, options);
    if (changes.length > 0) closeJournal(ports, plan.facts.stateDirectory);
    return { changed: changes.map(({ path }) => path), sshd, warnings: warnOf(plan, sshd, options) };
  } catch (error) {
    const unrestored = putBack(done, plan, ports, wasRunning);
    options.restore?.();
    throw explainFailure(error, unrestored);
  }
}

/**
 * Puts a plan in force that lets people in, as far as the machine lets it: nothing here throws, each step that fails
 * is a warning. The switch is thrown first, so that what follows is only tidying up.
 */
export function applyAsFarAsItGoes(plan: SystemPlan, ports: SystemPorts): ApplyReport {
  const changed: string[] = [];
  const warnings: string[] = [];
  let sshd: ApplyReport['sshd'] = 'unchanged';
  for (const change of plan.files) {
    if (change.before === change.after) continue;
    // While sshd still asks key holders for more than the key, the block is what lets them pass.
    if (change.kind === 'pam' && sshd === 'not_reloaded') continue;
    try {
      writeOrRemove(ports, change.path, change.after, change.mode);
      changed.push(change.path);
      if (change.kind === 'sshd') sshd = reloadSshd(ports, false);
    } catch (error) {
      if (change.kind === 'sshd') sshd = 'not_reloaded';
      warnings.push(`${change.path} stays as it is for now: ${sayError(error)}`);
    }
  }
  if (plan.files.some(({ kind, before, after }) => kind === 'unit' && before !== after)) reloadUnits(ports);
  return { changed, sshd, warnings };
}

function swapFiles(
  plan: SystemPlan,
  changes: readonly FileChange[],
  done: FileChange[],
  ports: SystemPorts,
  options: ApplyOptions,
): ApplyReport['sshd'] {
  let sshd: ApplyReport['sshd'] = 'unchanged';
  for (const change of plan.files) {
    const isChange = changes.includes(change);
    if (isChange) {
      done.push(change);
      writeOrRemove(ports, change.path, change.after, change.mode);
    }
    if (change.kind === 'sshd' && plan.facts.sshdInstalled && (isChange || options.thorough)) {
      assertSshd(plan, ports);
      sshd = reloadSshd(ports, !isChange);
    }
  }
  if (changes.some(({ kind }) => kind === 'unit')) reloadUnits(ports);
  return sshd;
}

/** Another program may have written between the plan and now; its work is not overwritten unseen. */
function refuseForeignChanges(changes: readonly FileChange[], ports: SystemPorts): void {
  for (const { path, before } of changes) {
    if ((ports.files.read(path) ?? null) === before) continue;
    throw new PosternError({
      code: 'apply.changed_meanwhile',
      message: `${path} was changed by somebody else in this moment; nothing was changed`,
      hint: 'type the line again',
    });
  }
}

function checkStagedSshd(plan: SystemPlan, ports: SystemPorts): void {
  if (!plan.facts.sshdInstalled) return;
  const dropIn = plan.files.find(({ path }) => path === sshdDropInPath)?.after ?? null;
  withStaging(ports, (directory) => assertSshd(plan, ports, stageSshdConfig(ports.files, directory, dropIn)));
}

/** Errors: `apply.sshd_config` (it is refused), `apply.sshd_values` (something outranks Postern's file). */
function assertSshd(plan: SystemPlan, ports: SystemPorts, staged?: StagedSshdConfig): void {
  const problem = checkSshdConfig(ports, staged);
  if (problem !== undefined) {
    throw new PosternError({
      code: 'apply.sshd_config',
      message: `sshd refuses its configuration: ${problem}`,
      hint: 'sshd -t',
    });
  }
  for (const { user, values } of plan.expected) {
    const answer = askSshd(ports, user, staged);
    if ('problem' in answer) {
      throw new PosternError({
        code: 'apply.sshd_values',
        message: `sshd does not say what counts for ${user}: ${answer.problem}`,
      });
    }
    for (const [keyword, wanted] of Object.entries(values)) {
      const found = (answer as Readonly<Record<string, string>>)[keyword];
      if (found?.toLowerCase() === wanted.toLowerCase()) continue;
      throw new PosternError({
        code: 'apply.sshd_values',
        message: `for ${user}, sshd would have '${keyword} ${found ?? '(nothing)'}' where '${wanted}' is needed: ${blameSshd(ports)}`,
        hint: `sshd -T -C user=${user},host=x,addr=127.0.0.1 | grep -i ${keyword}`,
      });
    }
  }
}

function blameSshd(ports: SystemPorts): string {
  const main = ports.files.read('/etc/ssh/sshd_config') ?? '';
  return /^\s*include[\s="]+\S*sshd_config\.d\//im.test(main)
    ? 'a line before the Include, or a Match block, outranks Postern'
    : '/etc/ssh/sshd_config has no line `Include /etc/ssh/sshd_config.d/*.conf`';
}

function checkPam(plan: SystemPlan, ports: SystemPorts): void {
  const staged = plan.files.find(({ kind }) => kind === 'pam')?.after;
  const checker = plan.facts.checkerPath;
  if (staged === null || staged === undefined || checker === null) {
    throw new PosternError({
      code: 'rule.pam_check_missing',
      message: 'postern-pam-check, which proves the PAM stack before it counts, is not installed here',
      hint: 'make -C src/pam install',
    });
  }
  checkStagedPam(ports, staged, plan.facts.pamServices, checker);
}

function proveCodePrompt(plan: SystemPlan, ports: SystemPorts, options: ApplyOptions): void {
  const { checkerPath } = plan.facts;
  if (checkerPath === null || !options.enrolledUser) return;
  const fault = findCodePromptFault(ports, checkerPath, options.enrolledUser);
  if (fault === undefined) return;
  throw new PosternError({
    code: 'apply.no_code_prompt',
    message: `a trial sign-in of ${options.enrolledUser} was not asked for its code: ${fault}`,
  });
}

/** Errors: `apply.sshd_config`, `apply.sshd_died`. */
function reloadSshd(ports: SystemPorts, onlyIfOlder: boolean): ApplyReport['sshd'] {
  const listener = findListener(ports);
  if (listener === null) return 'not_running';
  if (onlyIfOlder && judgeListener(listener, ports.files).configuration === 'current') return 'unchanged';
  const problem = checkSshdConfig(ports);
  if (problem !== undefined) {
    throw new PosternError({
      code: 'apply.sshd_config',
      message: `sshd was not reloaded, for it refuses its configuration: ${problem}`,
      hint: 'sshd -t',
    });
  }
  if (reloadListener(listener, ports) === 'reloaded') return 'reloaded';
  throw new PosternError({ code: 'apply.sshd_died', message: 'sshd did not come back from its reload' });
}

/** Makes systemd follow the unit files as they are now. */
function reloadUnits(ports: SystemPorts): void {
  const wanted = ports.files.stat(timerUnitPaths.timer) !== undefined;
  // A timer whose file has gone would still fire.
  if (!wanted) ports.runner.run(['systemctl', 'stop', 'postern-due.timer']);
  ports.runner.run(['systemctl', 'daemon-reload']);
  if (wanted) ports.runner.run(['systemctl', 'restart', 'postern-due.timer']);
}

/** Answers the paths that could not be put back. */
function putBack(
  done: readonly FileChange[],
  plan: SystemPlan,
  ports: SystemPorts,
  wasRunning: boolean,
): readonly string[] {
  const unrestored: string[] = [];
  for (const change of done.toReversed()) {
    try {
      writeOrRemove(ports, change.path, change.before, change.mode);
    } catch {
      unrestored.push(change.path);
    }
  }
  if (done.some(({ kind }) => kind === 'unit')) reloadUnits(ports);
  if (wasRunning && done.some(({ kind }) => kind === 'sshd') && checkSshdConfig(ports) === undefined) {
    const listener = findListener(ports);
    if (listener === null || reloadListener(listener, ports) === 'died') startSshd(ports);
  }
  if (unrestored.length === 0 && done.length > 0) closeJournal(ports, plan.facts.stateDirectory);
  return unrestored;
}

function explainFailure(error: unknown, unrestored: readonly string[]): PosternError {
  const problem = isPosternError(error) ? error.problems[0] : undefined;
  const ending =
    unrestored.length === 0
      ? 'everything was put back'
      : `what could not be put back yet, and will be by the next run of Postern: ${unrestored.join(', ')}`;
  return new PosternError(
    {
      code: problem?.code ?? 'apply.failed',
      message: `${problem?.message ?? sayError(error)}; ${ending}`,
      ...(problem?.hint === undefined ? {} : { hint: problem.hint }),
    },
    error,
  );
}

function warnOf(plan: SystemPlan, sshd: ApplyReport['sshd'], options: ApplyOptions): readonly string[] {
  const unproven = plan.enforced && !options.enrolledUser;
  return [
    ...plan.warnings,
    ...(sshd === 'not_running' ? ['sshd is not running; it reads its configuration when it starts'] : []),
    ...(unproven ? ['nobody is enrolled, so no trial sign-in could show that the code is asked for'] : []),
  ];
}

function sayError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
