import { PosternError } from '../errors.ts';
import { sshdDropInPath } from './render/sshd-config.ts';
import { askSshd, checkSshdConfig, type StagedSshdConfig, stageSshdConfig } from './sshd.ts';
import { withStaging } from './staging.ts';
import type { SystemPlan, SystemPorts } from './types.ts';

/** Has sshd judge a copy of its whole configuration with the plan's drop-in. Errors: those of `assertSshd`. */
export function checkStagedSshd(plan: SystemPlan, ports: SystemPorts): void {
  if (!plan.facts.sshdInstalled) return;
  const dropIn = plan.files.find(({ path }) => path === sshdDropInPath)?.after ?? null;
  withStaging(ports, (directory) => assertSshd(plan, ports, stageSshdConfig(ports.files, directory, dropIn)));
}

/**
 * Asserts that sshd takes its configuration, and that what counts for each administrator is what the plan expects.
 * Errors: `apply.sshd_config` (it is refused), `apply.sshd_values` (something outranks Postern's file).
 */
export function assertSshd(plan: SystemPlan, ports: SystemPorts, staged?: StagedSshdConfig): void {
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
        message: `for ${user}, sshd would have '${keyword} ${found ?? '(nothing)'}' where '${wanted}' is needed: ${blameSshd(keyword, ports)}`,
        hint: `sshd -T -C user=${user},host=x,addr=127.0.0.1 | grep -i ${keyword}`,
      });
    }
  }
}

function blameSshd(keyword: string, ports: SystemPorts): string {
  if (keyword === 'pamservicename')
    return 'a line PAMServiceName names another PAM service than the one that asks for codes';
  const main = ports.files.read('/etc/ssh/sshd_config') ?? '';
  return /^\s*include[\s="]+\S*sshd_config\.d\//im.test(main)
    ? 'a line before the Include, or a Match block, outranks Postern'
    : '/etc/ssh/sshd_config has no line `Include /etc/ssh/sshd_config.d/*.conf`';
}
