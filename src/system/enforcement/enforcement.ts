import { isDeepStrictEqual } from 'node:util';
import type { EnforcementStatus, EnforcementTest } from '../../domain/enforcement.ts';
import type { Settings } from '../../domain/settings.ts';
import { errorMessage, isPosternError } from '../../errors.ts';
import type { AppliedReport, FilesRehearsal, SystemReport } from '../../ports/appliance.ts';
import type { AccountReader } from '../../ports/store.ts';
import { testEnforcement } from '../pam/sign-in-test.ts';
import { checkSshdConfig, findSshd } from '../sshd/daemon.ts';
import { describeSshPolicy } from '../sshd/meaning.ts';
import { decideSshPolicy } from '../sshd/policy.ts';
import { findListener, findSocket } from '../sshd/process.ts';
import { readMatches } from '../sshd/scan.ts';
import { stockSshdBase } from '../sshd/values.ts';
import { overridePath, switchPath } from '../switch/file.ts';
import { readSwitch, type SwitchedOff, saveAfterSwitch, throwSwitchOff } from '../switch/switch.ts';
import type { SystemPlan, SystemPorts } from '../types.ts';
import { forgetAlerts } from '../watch/state.ts';
import { announceAsked } from './announce.ts';
import { applyAsFarAsItGoes, applyPlan } from './apply.ts';
import {
  findAsked,
  finishInterrupted,
  followPending,
  readable,
  runsModule,
  type Site,
  systemFactsOf,
} from './context.ts';
import { diffFiles } from './diff.ts';
import { readFacts } from './facts.ts';
import { inspectEnforcement } from './inspect.ts';
import { chooseAsked, findEnd, isTakenOut, planSystem } from './plan.ts';
import { rehearseFiles } from './rehearsal.ts';
import { wantsEnforcement } from './wants.ts';

/**
 * Puts settings in force, or throws `apply.*` with everything put back. Settings that end the asking for codes are put
 * in force as far as possible: a deadline that lets people in again must not fail by an unrelated line of sshd's. What
 * someone has taken out of the system stays out while the change is about something else.
 */
export function putInForce(
  site: Site,
  settings: Settings,
  accounts: AccountReader,
  store: { readonly save: () => void; readonly restore: () => void; readonly former?: Settings },
): AppliedReport {
  const repaired = finishInterrupted(site);
  const isElsewhere = keepsSwitch(store.former);
  const facts = systemFactsOf(site, accounts);
  const wasTakenOut = isElsewhere && wantsEnforcement(settings) && isTakenOut(facts);
  if (wasTakenOut && settings.pending === null && isDeepStrictEqual(settings.ssh, store.former?.ssh)) {
    store.save();
    return { warnings: [...repaired, takenOut] };
  }
  const plan = planSystem(settings, facts, isElsewhere);
  if (endsCodes(plan)) {
    store.save();
    const warnings = [...repaired, ...switchOff(site).warnings];
    return { warnings: [...warnings, ...tidyUp(site, settings, accounts).warnings] };
  }
  const save = () => saveAfterSwitch(site.ports, plan, store.save);
  const enrolledUser = plan.enforced ? findAsked(site, accounts, settings.two_factor.exempt_groups) : null;
  const announced =
    plan.enforced && plan.managesSystem ? announceAsked(facts, chooseAsked(settings, facts), site.ports) : [];
  const report = applyPlan(plan, site.ports, { ...store, save, enrolledUser });
  forgetAlerts(site.ports);
  followPending(site, settings);
  const standing = plan.switchedOff
    ? ['codes are off, because the switch is off; to turn them on: auth two_factor update enabled=true']
    : [];
  const putBack = wasTakenOut ? ['sshd and PAM are configured again, and codes are required'] : [];
  return { warnings: [...repaired, ...standing, ...putBack, ...announced, ...report.warnings] };
}

/** Said where someone has removed it, and changes something else now. */
const takenOut =
  'codes are off, because Postern was removed from sshd and PAM; to put it back: system enforcement install';

/** Whether codes may be asked for now, and are not to be any more. */
function endsCodes({ managesSystem, enforced, files }: SystemPlan): boolean {
  return (
    managesSystem && !enforced && files.some(({ kind, before, after }) => kind === 'pam' && before !== after)
  );
}

/** Lets the files follow settings that ask for no codes; every failure is a warning. */
export function tidyUp(site: Site, settings: Settings, accounts: AccountReader): AppliedReport {
  try {
    // The note of a change that was cut off would put its files back later, against these settings.
    const repaired = finishInterrupted(site);
    // Without codes nothing depends on who administers: accounts that cannot be listed must not keep the files as they are.
    const report = applyAsFarAsItGoes(
      planSystem(settings, systemFactsOf(site, readable(accounts))),
      site.ports,
    );
    followPending(site, settings);
    forgetAlerts(site.ports);
    return { warnings: [...repaired, ...report.warnings, ...warnOfSshd(site.ports)] };
  } catch (error) {
    return {
      warnings: [`the files of sshd and PAM were not checked: ${errorMessage(error)}`],
    };
  }
}

/** Why nobody can sign in over SSH though no code is asked for: a sentence each, with what to type. */
function warnOfSshd(ports: SystemPorts): readonly string[] {
  if (findSshd(ports.files) === null) return [];
  const problem = checkSshdConfig(ports);
  const isRunning = findListener(ports) !== null || findSocket(ports) !== null;
  if (problem !== undefined) {
    const effect = isRunning ? 'it cannot start again' : 'nobody can sign in over SSH';
    return [
      `sshd refuses its configuration, so ${effect} (${problem}); mend that line, then type: service start ssh`,
    ];
  }
  return isRunning ? [] : ['sshd is not running, so nobody can sign in over SSH; type: service start ssh'];
}

/**
 * Throws the switch that the PAM module looks at first, for as long as `settings` say; `wasAsking`: SSH sign-ins met the
 * module until now.
 */
export function switchOff(
  { ports, places }: Site,
  settings?: Settings,
): SwitchedOff & { readonly wasAsking: boolean } {
  const wasAsking = meetsModule(ports, places.stateDirectory);
  const end = settings === undefined ? undefined : findEnd(settings);
  return { ...throwSwitchOff(ports, places.stateDirectory, end), wasAsking };
}

function meetsModule(ports: SystemPorts, stateDirectory: string): boolean {
  const override = readSwitch(ports, overridePath);
  const word = override === 'absent' ? readSwitch(ports, switchPath(stateDirectory)) : override;
  return word !== 'off' && runsModule(ports);
}

/** A unified diff of what settings would change. */
export function diffSettings(
  site: Site,
  settings: Settings,
  accounts: AccountReader,
  former?: Settings,
): string {
  return diffFiles(planSystem(settings, systemFactsOf(site, accounts), keepsSwitch(former)).files);
}

function keepsSwitch(former: Settings | undefined): boolean {
  return former !== undefined && wantsEnforcement(former);
}

/** What should be, held against what is; `tries`: with a trial sign-in of someone who is enrolled. */
export function inspect(
  site: Site,
  settings: Settings,
  accounts: AccountReader,
  { tries }: { readonly tries: boolean } = { tries: true },
): EnforcementStatus {
  const facts = systemFactsOf(site, accounts);
  const asked = chooseAsked(settings, facts);
  const enrolled =
    tries && wantsEnforcement(settings) ? findAsked(site, accounts, settings.two_factor.exempt_groups) : null;
  try {
    return inspectEnforcement(planSystem(settings, facts), asked, site.ports, enrolled);
  } catch (error) {
    if (!isPosternError(error)) throw error;
    const { hint } = error.problems[0] ?? {};
    const code = error.code.slice(error.code.indexOf('.') + 1);
    const problem = { code, message: error.message, ...(hint === undefined ? {} : { hint }) };
    return inspectEnforcement({ facts, problem }, asked, site.ports, enrolled);
  }
}

/** Checks everything, repairs what differs, and reloads sshd. */
export function install(site: Site, settings: Settings, accounts: AccountReader): SystemReport {
  const repaired = finishInterrupted(site);
  const plan = planSystem(settings, systemFactsOf(site, accounts));
  const enrolledUser = plan.enforced ? findAsked(site, accounts, settings.two_factor.exempt_groups) : null;
  const report = applyPlan(plan, site.ports, { enrolledUser, thorough: true });
  forgetAlerts(site.ports);
  followPending(site, settings);
  return { ...report, warnings: [...repaired, ...report.warnings] };
}

/** What `install` would write, its refusals included that need no trial. Changes nothing. */
export function rehearseInstall(site: Site, settings: Settings, accounts: AccountReader): FilesRehearsal {
  const plan = planSystem(settings, systemFactsOf(site, accounts));
  return rehearseFiles(site, plan);
}

/** What SSH sign-in means under these settings, as a sentence. */
export function explainSsh({ ports, places }: Site, settings: Settings): string {
  const { base, sshdScan } = readFacts(ports, places, []);
  const codes = wantsEnforcement(settings);
  const matches = readMatches(sshdScan);
  return describeSshPolicy(decideSshPolicy(codes, settings.ssh, base ?? stockSshdBase, matches));
}

/** Holds real conversations with the stack in force, as `username`, and tells what they met. */
export function test(site: Site, username: string): EnforcementTest {
  return testEnforcement(site.ports, readFacts(site.ports, site.places, []), username);
}
