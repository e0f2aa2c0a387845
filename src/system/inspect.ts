import { hasInterruptedApply } from './journal.ts';
import { findCodePromptFault } from './pam-check.ts';
import { hasPamBlock, pamServicePath } from './render/pam.ts';
import { tracePamPaths } from './render/pam-paths.ts';
import { overridePath, switchPath } from './render/switch.ts';
import { askSshd } from './sshd.ts';
import { findListener, judgeListener } from './sshd-process.ts';
import { readSwitch } from './switch.ts';
import type {
  EnforcementStatus,
  FileChange,
  Finding,
  SystemFacts,
  SystemPlan,
  SystemPorts,
} from './types.ts';

const install = 'system enforcement install';

/**
 * Compares what should be with what is. `plan` is what `planSystem` answers for the present settings, or the problem
 * it throws. Changes nothing; with an enrolled user it holds a real conversation as far as the prompt.
 */
export function inspectEnforcement(
  plan: SystemPlan | { readonly facts: SystemFacts; readonly problem: Finding },
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
        detail: 'not looked at',
      },
      findings: [
        {
          code: 'trial',
          message: 'this store is a trial: nothing of the system is touched, and nothing asks for codes',
        },
      ],
    };
  }
  const sshd = inspectSshd(facts, ports);
  const findings = [
    ...('problem' in plan ? [plan.problem] : findDifferences(plan, ports)),
    ...findSwitchFaults(switches, expected),
    ...(hasInterruptedApply(ports, facts.stateDirectory)
      ? [{ code: 'interrupted', message: 'a change of the sign-in files was cut off', hint: install }]
      : []),
    ...findPamFaults(facts, expected),
    ...findSshdFaults(sshd, expected),
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
  // Without its module the stack denies everybody: nobody is let in, and nobody is asked.
  const doubtful = (sshd.running && sshd.configuration === 'unknown') || facts.modulePath === null;
  const enforced = asks && fault === undefined ? (doubtful ? null : sshd.configuration !== 'older') : false;
  return { expected, enforced, switch: switches, sshd, findings };
}

/** Findings after which a sign-in may not be asked for a code. */
const weakening = new Set(['pam_missing', 'pam_bypass', 'sshd_values', 'sshd_missing']);

function hasBlock(facts: SystemFacts): boolean {
  return hasPamBlock(facts.present[pamServicePath]?.content ?? '');
}

function findDifferences(plan: SystemPlan, ports: SystemPorts): Finding[] {
  const different = plan.files.filter((change) => change.before !== change.after && change.kind !== 'switch');
  return [...different.map((change) => describeDifference(change)), ...findValueFaults(plan, ports)];
}

function describeDifference({ kind, path, before, after }: FileChange): Finding {
  if (after === null)
    return { code: `${kind}_left_over`, message: `${path} should not be there`, hint: install };
  if (before === null) return { code: `${kind}_missing`, message: `${path} is missing`, hint: install };
  if (kind === 'pam' && hasPamBlock(after) && !hasPamBlock(before)) {
    return {
      code: 'pam_missing',
      message: `${path} does not run pam_postern.so: it was edited, or an upgrade of its package wrote it anew`,
      hint: install,
    };
  }
  return { code: `${kind}_edited`, message: `${path} is not as Postern wrote it`, hint: install };
}

function findValueFaults(plan: SystemPlan, ports: SystemPorts): Finding[] {
  if (!plan.facts.sshdInstalled) return [];
  return plan.expected.flatMap(({ user, values }): Finding[] => {
    const answer = askSshd(ports, user);
    if ('problem' in answer) {
      return [
        {
          code: 'sshd_config',
          message: `sshd refuses its configuration: ${answer.problem}`,
          hint: 'sshd -t',
        },
      ];
    }
    const found = answer as Readonly<Record<string, string>>;
    return Object.entries(values)
      .filter(([keyword, wanted]) => found[keyword]?.toLowerCase() !== wanted.toLowerCase())
      .map(([keyword, wanted]) => ({
        code: 'sshd_values',
        message: `for ${user}, sshd's files say '${keyword} ${found[keyword] ?? '(nothing)'}' where '${wanted}' is needed`,
        hint: install,
      }));
  });
}

function findSwitchFaults(switches: EnforcementStatus['switch'], expected: boolean): Finding[] {
  if (expected && switches.override === 'off') {
    return [
      {
        code: 'override_off',
        message: `${overridePath} says off: no code is asked for until the next boot`,
        hint: install,
      },
    ];
  }
  if (expected && switches.override === 'absent' && switches.state === 'off') {
    return [{ code: 'switch_off', message: 'the switch says off, and the settings say on', hint: install }];
  }
  if (
    !expected &&
    (switches.override === 'on' || (switches.override === 'absent' && switches.state === 'on'))
  ) {
    return [{ code: 'switch_on', message: 'the switch says on, and the settings say off', hint: install }];
  }
  return [];
}

function findPamFaults(facts: SystemFacts, expected: boolean): Finding[] {
  if (!hasBlock(facts)) return [];
  const content = facts.present[pamServicePath]?.content ?? '';
  const { bypass } = tracePamPaths(content, (name) => facts.pamServices[name]);
  return [
    ...(bypass !== null && expected
      ? [
          {
            code: 'pam_bypass',
            message: `${pamServicePath} lets people in without a code after its rule '${bypass}'`,
            hint: install,
          },
        ]
      : []),
    ...(facts.modulePath === null
      ? [
          {
            code: 'module_missing',
            message:
              'pam_postern.so is missing, or others than root may write it: every SSH sign-in is denied',
            hint: 'auth two_factor update enabled=false',
          },
        ]
      : []),
  ];
}

function inspectSshd(facts: SystemFacts, ports: SystemPorts): EnforcementStatus['sshd'] {
  const nothing = {
    installed: facts.sshdInstalled,
    running: false,
    pid: null,
    configuration: 'unknown' as const,
  };
  if (!facts.sshdInstalled) return { ...nothing, detail: 'no SSH server is installed' };
  const listener = findListener(ports);
  if (listener === null) return { ...nothing, detail: 'sshd is not running' };
  return { installed: true, running: true, pid: listener.pid, ...judgeListener(listener, ports.files) };
}

function findSshdFaults(sshd: EnforcementStatus['sshd'], expected: boolean): Finding[] {
  if (!sshd.running) {
    return expected && sshd.installed
      ? [{ code: 'sshd_stopped', message: 'sshd is not running', hint: 'service start ssh' }]
      : [];
  }
  switch (sshd.configuration) {
    case 'older':
      return [
        {
          code: 'sshd_older',
          message: `sshd runs with an older configuration: ${sshd.detail}`,
          hint: 'service reload ssh',
        },
      ];
    case 'unknown':
      return [
        {
          code: 'sshd_unknown',
          message: `whether sshd has read its present configuration cannot be told: ${sshd.detail}`,
          hint: 'service reload ssh',
        },
      ];
    case 'current':
      return [];
    default:
      return sshd.configuration satisfies never;
  }
}
