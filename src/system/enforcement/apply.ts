import { errorMessage, PosternError } from '../../errors.ts';
import type { SystemReport } from '../../ports/appliance.ts';
import { checkStagedPam, findCodePromptFault } from '../pam/trial.ts';
import { findListener, startSshd } from '../sshd/process.ts';
import { assertSshd, checkStagedSshd, listStandingFaults } from '../sshd/verify.ts';
import type { FileChange, SystemPlan, SystemPorts } from '../types.ts';
import { closeJournal, openJournal, writeOrRemove } from './journal.ts';
import { reloadSshd, reloadUnits } from './reload.ts';
import { explainFailure, putBack } from './roll-back.ts';

export type ApplyOptions = {
  /** Called once every check has passed, before the first file is swapped; what it throws ends the change. */
  readonly save?: () => void;
  /** Called when what comes after `save` fails. */
  readonly restore?: () => void;
  /** An enrolled user, as whom a trial sign-in must meet the prompt for the code; null: there is none. */
  readonly enrolledUser?: string | null;
  /** Checks everything and reloads sshd, although no file changes. */
  readonly thorough?: boolean;
};

/**
 * Puts a plan in force: stages and checks every file, saves, swaps, reloads sshd, proves the result; or puts
 * everything back and throws `apply.*`.
 */
export function applyPlan(plan: SystemPlan, ports: SystemPorts, options: ApplyOptions = {}): SystemReport {
  const changes = plan.files.filter((change) => change.before !== change.after);
  const touchesSshd = changes.some(({ kind }) => kind === 'sshd');
  const checksPam = plan.enforced && (options.thorough || changes.some(({ kind }) => kind === 'pam'));
  const tolerated = touchesSshd ? listStandingFaults(plan, ports) : undefined;
  if (plan.managesSystem) {
    refuseForeignChanges(changes, ports);
    if (touchesSshd || options.thorough) checkStagedSshd(plan, ports, tolerated);
    if (checksPam) {
      // A check that changes nothing must count against nobody; the code prompt is proved all the same.
      const isNew = changes.some(({ kind }) => kind === 'pam');
      checkPam(plan, ports, isNew ? [options.enrolledUser ?? [], plan.facts.administrators].flat() : null);
    }
  }
  options.save?.();
  if (!plan.managesSystem) return { changed: [], sshd: 'unchanged', warnings: [] };
  const done: FileChange[] = [];
  const wasRunning = touchesSshd && findListener(ports) !== null;
  try {
    if (changes.length > 0) {
      openJournal(ports, plan.facts.stateDirectory, changes, plan.enforced ? 'before' : 'after');
    }
    const sshd = swapFiles(plan, changes, done, ports, options, tolerated);
    const isLookedAt = changes.length > 0 || options.thorough === true;
    // A list of names that changes says nothing about PAM's stack.
    const asksAnew = options.thorough || changes.some(({ kind }) => kind !== 'sshd');
    if (plan.enforced && !plan.switchedOff && asksAnew) proveCodePrompt(plan, ports, options);
    if (changes.length > 0) closeJournal(ports, plan.facts.stateDirectory);
    const warnings = isLookedAt ? warnOf(plan, sshd, options) : [];
    return { changed: changes.map(({ path }) => path), sshd, warnings };
  } catch (error) {
    const unrestored = putBack(done, plan, ports, wasRunning);
    throw explainFailure(error, [...unrestored, ...restoreStore(options)]);
  }
}

/**
 * Puts a plan in force that lets people in, as far as the machine lets it: nothing here throws, each step that fails
 * is a warning. The switch is thrown first, so that what follows is only tidying up.
 */
export function applyAsFarAsItGoes(plan: SystemPlan, ports: SystemPorts): SystemReport {
  const changed: string[] = [];
  const warnings: string[] = [...plan.warnings];
  const wasRunning = findListener(ports) !== null;
  let sshd: SystemReport['sshd'] = 'unchanged';
  for (const change of plan.files) {
    if (change.before === change.after) continue;
    if (change.kind === 'pam' && sshd === 'not_reloaded') continue;
    // Without a switch, a block that had to stay would ask for codes again.
    if (change.kind === 'switch' && change.after === null && sshd === 'not_reloaded') continue;
    try {
      // While sshd still asks key holders for more than the key, the block is what lets them pass.
      if (change.kind === 'pam' && sshd === 'unchanged') sshd = reloadSshd(ports, true);
      writeOrRemove(ports, change, change.after);
      changed.push(change.path);
      if (change.kind === 'sshd') sshd = reloadSshd(ports, false);
    } catch (error) {
      if (change.kind !== 'switch') sshd = 'not_reloaded';
      warnings.push(`${change.path} could not be updated: ${errorMessage(error)}`);
      if (wasRunning && findListener(ports) === null) startSshd(ports);
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
  tolerated: ReadonlySet<string> | undefined,
): SystemReport['sshd'] {
  let sshd: SystemReport['sshd'] = 'unchanged';
  for (const change of plan.files) {
    const isChange = changes.includes(change);
    if (isChange) {
      done.push(change);
      writeOrRemove(ports, change, change.after);
    }
    if (change.kind === 'sshd' && plan.facts.sshdInstalled && (isChange || options.thorough)) {
      // A list of names that follows an account was proved as it is, and the reload has sshd judge it once more:
      // enrolling many must not cost a dozen runs of sshd each.
      if (!plan.follows || options.thorough) assertSshd(plan, ports, tolerated);
      // A configuration that is gone may still be what it runs with, and files tell little of that.
      sshd = reloadSshd(ports, false);
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
      message: `${path} was changed by another program just now; nothing was changed`,
      hint: 'type the line again',
    });
  }
}

function checkPam(plan: SystemPlan, ports: SystemPorts, accounts: readonly string[] | null): void {
  const staged = plan.files.find(({ kind }) => kind === 'pam')?.after;
  const checker = plan.facts.checkerPath;
  if (staged === null || staged === undefined || checker === null) {
    throw new PosternError({
      code: 'rule.pam_check_missing',
      message: 'postern-pam-check, which verifies the PAM stack, is not installed',
      hint: 'make -C src/pam install',
    });
  }
  checkStagedPam(ports, staged, plan.facts.pamServices, checker, accounts);
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

/** Answers what of the store could not be put back. */
function restoreStore(options: ApplyOptions): readonly string[] {
  try {
    options.restore?.();
    return [];
  } catch (error) {
    return [`the settings (${errorMessage(error)})`];
  }
}

function warnOf(plan: SystemPlan, sshd: SystemReport['sshd'], options: ApplyOptions): readonly string[] {
  const unproven = plan.enforced && !options.enrolledUser;
  return [
    ...plan.warnings,
    ...(sshd === 'not_running' ? ['sshd is not running; it reads its configuration when it starts'] : []),
    ...(unproven ? ['nobody is enrolled, so no trial sign-in could show that a code is required'] : []),
  ];
}
