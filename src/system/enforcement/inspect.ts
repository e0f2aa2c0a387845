import type { EnforcementStatus, Finding } from '../../domain/enforcement.ts';
import { findCodePromptFault } from '../pam/trial.ts';
import type { Asked } from '../sshd/asked.ts';
import { findOtherSshdFaults } from '../sshd/other.ts';
import { findListener, findSocket, judgeListener } from '../sshd/process.ts';
import { overridePath, switchPath } from '../switch/file.ts';
import { findIgnoredSwitch, readSwitch } from '../switch/switch.ts';
import { findInterpreterFaults } from '../trust/interpreter.ts';
import type { SystemFacts, SystemPlan, SystemPorts } from '../types.ts';
import { findWatchFaults, inspectWatch } from '../watch/state.ts';
import {
  findDifferences,
  findListenerFaults,
  findPamFaults,
  findSwitchFaults,
  hasBlock,
} from './findings.ts';
import { hasInterruptedApply } from './journal.ts';

const install = 'system enforcement install';

/**
 * Compares what should be with what is. `plan` is what `planSystem` answers for the present settings, or the problem
 * it throws. Changes nothing; with an enrolled user it holds a real conversation as far as the prompt.
 */
export function inspectEnforcement(
  plan: SystemPlan | { readonly facts: SystemFacts; readonly problem: Finding },
  asked: Asked,
  ports: SystemPorts,
  enrolledUser: string | null,
): EnforcementStatus {
  const { facts } = plan;
  const expected = 'problem' in plan ? true : plan.enforced;
  const switches = {
    state: readSwitch(ports, switchPath(facts.stateDirectory)),
    override: readSwitch(ports, overridePath),
  };
  const effective = switches.override !== 'absent' ? switches.override : switches.state;
  if (!facts.managesSystem) {
    return {
      expected,
      enforced: false,
      switch: switches,
      sshd: {
        installed: false,
        running: false,
        pid: null,
        configuration: 'unknown',
        detail: 'not checked (trial mode)',
      },
      watch: { by: null, alert: null },
      findings: [
        {
          code: 'trial',
          message: 'this store is a trial: the system is not touched, and nothing requires codes',
        },
      ],
    };
  }
  const sshd = inspectSshd(facts, ports);
  const watch = inspectWatch(facts, ports);
  const findings = [
    ...('problem' in plan ? [...findUnasked(plan), plan.problem] : findDifferences(plan, ports)),
    ...findSwitchFaults(switches, expected),
    ...findIgnoredSwitch(ports, overridePath),
    ...findIgnoredSwitch(ports, switchPath(facts.stateDirectory)),
    ...(hasInterruptedApply(ports, facts.stateDirectory)
      ? [{ code: 'interrupted', message: 'a change of the sign-in files was interrupted', hint: install }]
      : []),
    ...findPamFaults(facts, expected),
    ...findInterpreterFaults(facts, ports),
    ...findListenerFaults(sshd, ports),
    ...(expected ? findWatchFaults(watch, facts) : []),
    ...(expected ? findOtherSshdFaults(facts, asked, ports, sshd.pid) : []),
  ];
  const asks = effective !== 'off' && hasBlock(facts) && findings.every(({ code }) => !weakening.has(code));
  const fault =
    asks && enrolledUser !== null && facts.checkerPath !== null && facts.modulePath !== null
      ? findCodePromptFault(ports, facts.checkerPath, enrolledUser)
      : undefined;
  if (fault !== undefined) {
    findings.push({
      code: 'no_code_prompt',
      message: `a trial sign-in of ${enrolledUser} was not asked for its code: ${fault}`,
      hint: install,
    });
  }
  // Without its module the stack denies everyone: nobody is let in, and nobody is asked.
  const doubtful = (sshd.running && sshd.configuration === 'unknown') || facts.modulePath === null;
  const enforced = asks && fault === undefined ? (doubtful ? null : sshd.configuration !== 'older') : false;
  return { expected, enforced, switch: switches, sshd, watch, findings };
}

/** Codes that should be asked for, and cannot be: as after a time off, with what has changed meanwhile. */
function findUnasked({
  facts,
  problem,
}: {
  readonly facts: SystemFacts;
  readonly problem: Finding;
}): Finding[] {
  if (hasBlock(facts)) return [];
  const message = 'SSH sign-ins should ask for a code, and they do not';
  return [{ code: 'codes_missing', message, hint: problem.hint ?? install }];
}

/** Findings after which a sign-in may not be asked for a code. */
const weakening = new Set([
  ...['pam_missing', 'pam_bypass', 'sshd_values', 'sshd_missing', 'sshd_file_foreign', 'other_sshd'],
]);

function inspectSshd(facts: SystemFacts, ports: SystemPorts): EnforcementStatus['sshd'] {
  const nothing = {
    installed: facts.sshdInstalled,
    running: false,
    pid: null,
    configuration: 'unknown' as const,
  };
  if (!facts.sshdInstalled) return { ...nothing, detail: 'no SSH server is installed' };
  const listener = findListener(ports);
  const socket = listener === null ? findSocket(ports) : null;
  if (socket !== null) {
    const detail = `${socket} starts it for each connection, and it reads its configuration then`;
    return { ...nothing, running: true, configuration: 'current', detail };
  }
  if (listener === null) return { ...nothing, detail: 'sshd is not running' };
  return { installed: true, running: true, pid: listener.pid, ...judgeListener(listener, ports.files) };
}
