import type { EnforcementStatus, Finding } from '../../domain/enforcement.ts';
import { isPosternError } from '../../errors.ts';
import { hasPamBlock, isOlderPamBlock, pamServicePath } from '../pam/block.ts';
import { tracePamPaths } from '../pam/bypass.ts';
import { checkSshdConfig } from '../sshd/daemon.ts';
import { findSshdFaults } from '../sshd/verify.ts';
import { overridePath } from '../switch/file.ts';
import type { FileChange, SystemFacts, SystemPlan, SystemPorts } from '../types.ts';
import { listPamArguments } from './plan-files.ts';

const install = 'system enforcement install';

/** Whether sshd's PAM file runs the module. */
export function hasBlock(facts: SystemFacts): boolean {
  return hasPamBlock(facts.present[pamServicePath]?.content ?? '');
}

/** Files that are not as the plan has them, and values of sshd that something outranks. */
export function findDifferences(plan: SystemPlan, ports: SystemPorts): Finding[] {
  const different = plan.files.filter((change) => change.before !== change.after && change.kind !== 'switch');
  return [
    ...different.map((change) => describeDifference(change, plan.facts)),
    ...findValueFaults(plan, ports),
  ];
}

function describeDifference({ kind, path, before, after }: FileChange, facts: SystemFacts): Finding {
  if (after === null)
    return { code: `${kind}_left_over`, message: `${path} should not be there`, hint: install };
  if (before === null) return { code: `${kind}_missing`, message: `${path} is missing`, hint: install };
  if (kind === 'pam' && hasPamBlock(after) && !hasPamBlock(before)) {
    return {
      code: 'pam_missing',
      message: `${path} does not run pam_postern.so: it was edited, or a package upgrade replaced it`,
      hint: install,
    };
  }
  if (kind === 'pam' && isOlder(before, facts)) {
    return {
      code: 'pam_outdated',
      message: `${path} has the lines of an older Postern, or of another Node, as they were written`,
      hint: install,
    };
  }
  const message =
    kind === 'pam'
      ? `${path} differs from what Postern wrote`
      : `${path} is not as this Postern writes it: it was edited, or an older Postern wrote it`;
  return { code: `${kind}_edited`, message, hint: install };
}

function isOlder(content: string, facts: SystemFacts): boolean {
  const { modulePath, pamServices } = facts;
  if (modulePath === null) return false;
  return isOlderPamBlock(
    content,
    listPamArguments(facts, modulePath, { who: 'everybody' }),
    (name) => pamServices[name],
  );
}

function findValueFaults(plan: SystemPlan, ports: SystemPorts): Finding[] {
  // That sshd refuses its configuration is found for itself.
  if (!plan.facts.sshdInstalled || checkSshdConfig(ports) !== undefined) return [];
  try {
    return findSshdFaults(plan, ports).map(({ message, keyword }) => ({
      code: 'sshd_values',
      message,
      // Postern has no line of its own for it: the one that says otherwise must be edited.
      hint: keyword === 'pamservicename' ? 'grep -ri pamservicename /etc/ssh' : install,
    }));
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return [{ code: 'sshd_values', message: error.message, hint: 'sshd -t' }];
  }
}

/** Switches that say another thing than the settings. */
export function findSwitchFaults(switches: EnforcementStatus['switch'], expected: boolean): Finding[] {
  if (expected && switches.override === 'off') {
    return [
      {
        code: 'override_off',
        message: `${overridePath} says off: codes are off until the next boot`,
        hint: install,
      },
    ];
  }
  if (expected && switches.override === 'absent' && switches.state === 'off') {
    return [{ code: 'switch_off', message: 'the switch is off, but the settings are on', hint: install }];
  }
  if (
    !expected &&
    (switches.override === 'on' || (switches.override === 'absent' && switches.state === 'on'))
  ) {
    return [{ code: 'switch_on', message: 'the switch is on, but the settings are off', hint: install }];
  }
  return [];
}

/** Ways round the module, ways to it with a wrong password, and a module that is not there. */
export function findPamFaults(facts: SystemFacts, expected: boolean): Finding[] {
  if (!hasBlock(facts)) return [];
  const content = facts.present[pamServicePath]?.content ?? '';
  const { bypass, unguarded } = tracePamPaths(content, (name) => facts.pamServices[name]);
  return [
    ...(bypass !== null && expected
      ? [
          {
            code: 'pam_bypass',
            message: `${pamServicePath} lets users in without a code after its rule '${bypass}'`,
            hint: install,
          },
        ]
      : []),
    ...(unguarded !== null && expected
      ? [
          {
            code: 'pam_unguarded',
            message: `${pamServicePath} asks for the code even though its rule '${unguarded}' refused the password`,
            hint: install,
          },
        ]
      : []),
    ...(facts.modulePath === null
      ? [
          {
            code: 'module_missing',
            message:
              'pam_postern.so is missing, or users other than root can write it: every SSH sign-in is denied',
            hint: 'auth two_factor update enabled=false',
          },
        ]
      : []),
  ];
}

/** An sshd that does not run, cannot start, or does not run with its present files. */
export function findListenerFaults(sshd: EnforcementStatus['sshd'], ports: SystemPorts): Finding[] {
  if (!sshd.installed) return [];
  const problem = checkSshdConfig(ports);
  if (problem !== undefined) {
    const effect = sshd.running ? 'it cannot reload or start again' : 'it is not running, and cannot start';
    return [
      {
        code: 'sshd_config',
        message: `sshd refuses its configuration, so ${effect}: ${problem}`,
        hint: 'sshd -t',
      },
    ];
  }
  if (!sshd.running) {
    return [
      {
        code: 'sshd_stopped',
        message: 'sshd is not running: nobody can sign in over SSH',
        hint: 'service start ssh',
      },
    ];
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
          message: `it is not known whether sshd has read its current configuration: ${sshd.detail}`,
          hint: 'service reload ssh',
        },
      ];
    case 'current':
      return [];
    default:
      return sshd.configuration satisfies never;
  }
}
