import { isPosternError, PosternError } from '../../errors.ts';
import { withStaging } from '../enforcement/staging.ts';
import type { SshdProbe, SystemPlan, SystemPorts } from '../types.ts';
import { isAskedIn } from './asked.ts';
import { askSshd, checkSshdConfig, type StagedSshdConfig, stageSshdConfig } from './daemon.ts';
import { sshdDropInPath } from './paths.ts';
import { judgeSignIn, judgeUnasked } from './probes.ts';

/**
 * Has sshd judge a copy of its whole configuration with the plan's drop-in, and hold it against one without codes.
 * Errors: those of `assertSshd`.
 */
export function checkStagedSshd(
  plan: SystemPlan,
  ports: SystemPorts,
  tolerated: ReadonlySet<string> = new Set(),
): void {
  if (!plan.facts.sshdInstalled) return;
  const dropIn = plan.files.find(({ path }) => path === sshdDropInPath)?.after ?? null;
  withStaging(ports, (directory) => {
    const now = stageSshdConfig(ports.files, `${directory}/now`, dropIn);
    const before = stageSshdConfig(ports.files, `${directory}/before`, plan.sshdWithoutCodes);
    assertSshd(plan, ports, tolerated, { now, before });
  });
}

/**
 * Asserts that sshd takes its configuration, and that what counts for those who sign in is what the plan expects.
 * Errors: `apply.sshd_config` (it is refused), `apply.sshd_values` (another setting takes precedence over Postern's file).
 */
export function assertSshd(
  plan: SystemPlan,
  ports: SystemPorts,
  tolerated: ReadonlySet<string> = new Set(),
  staged?: { readonly now: StagedSshdConfig; readonly before: StagedSshdConfig },
): void {
  const problem = checkSshdConfig(ports, staged?.now);
  if (problem !== undefined) {
    throw new PosternError({
      code: 'apply.sshd_config',
      message: `sshd refuses its configuration: ${problem}`,
      hint: 'sshd -t',
    });
  }
  const fault = findSshdFaults(plan, ports, staged).find(({ id }) => !tolerated.has(id));
  if (fault === undefined) return;
  const { message, hint } = fault;
  throw new PosternError({ code: 'apply.sshd_values', message, hint });
}

/**
 * Faults of today, by their ids, that a change must not fail by which only follows another one: what concerns someone
 * whom the present drop-in asks already. Nothing where sshd cannot be asked.
 */
export function listStandingFaults(plan: SystemPlan, ports: SystemPorts): ReadonlySet<string> {
  const present = plan.facts.present[sshdDropInPath]?.content;
  if (!plan.follows || present === undefined) return new Set();
  const probes = plan.probes.filter(({ isAsked, user }) => isAsked !== false && isAskedIn(present, user));
  try {
    return new Set(findSshdFaults({ ...plan, probes }, ports).map(({ id }) => id));
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return new Set();
  }
}

/** Values that are not as the plan needs them, with a hint; `before` is looked at only where it is given. */
export function findSshdFaults(
  plan: SystemPlan,
  ports: SystemPorts,
  staged?: { readonly now: StagedSshdConfig; readonly before: StagedSshdConfig },
): readonly {
  readonly id: string;
  readonly keyword: string;
  readonly message: string;
  readonly hint: string;
}[] {
  const { sshdOptions } = plan.facts;
  const ask = (user: string, address: string, config: StagedSshdConfig | undefined) => {
    const answer = askSshd(ports, { user, address }, sshdOptions, config);
    if (!('problem' in answer)) return answer as Readonly<Record<string, string>>;
    const message = `sshd gives no settings for ${user}: ${answer.problem}`;
    throw new PosternError({ code: 'apply.sshd_values', message, hint: 'sshd -t' });
  };
  const describe = (
    user: string,
    address: string,
    { keyword, found, wanted }: { readonly keyword: string; readonly found: string; readonly wanted: string },
  ) => ({
    id: `${user} ${address} ${keyword}`,
    keyword,
    message: `for ${user} from ${address}, sshd ${staged ? 'would have' : 'has'} '${keyword} ${found}' where '${wanted}' is needed: ${blameSshd(keyword, plan)}`,
    hint: `sshd -T -C user=${user},host=x,addr=${address} | grep -i ${keyword}`,
  });
  const unexpected = plan.expected.flatMap(({ user, values }) => {
    const answer = ask(user, '127.0.0.1', staged?.now);
    return Object.entries(values)
      .filter(([keyword, wanted]) => answer[keyword]?.toLowerCase() !== wanted)
      .map(([keyword, wanted]) =>
        describe(user, '127.0.0.1', { keyword, found: answer[keyword] ?? '(nothing)', wanted }),
      );
  });
  const unsafe = plan.probes.flatMap((probe) => {
    const { user, address } = probe;
    const before = staged && ask(user, address, staged.before);
    const now = ask(user, address, staged?.now);
    const faults = judgeProbe(probe, now, before);
    return faults.map((fault) => describe(user, address, fault));
  });
  return [...unexpected, ...unsafe];
}

/** Where a group may be exempt, either is right: asked in full, or to the letter as without codes. */
function judgeProbe(probe: SshdProbe, now: Answer, before: Answer | undefined) {
  const unasked = probe.isAsked === true ? undefined : judgeUnasked(now, before);
  if (unasked !== undefined && (probe.isAsked === false || unasked.length === 0)) return unasked;
  return judgeSignIn(probe, now, before);
}

type Answer = Readonly<Record<string, string>>;

function blameSshd(keyword: string, { facts }: SystemPlan): string {
  if (keyword === 'pamservicename')
    return 'a line PAMServiceName names another PAM service than the one that asks for codes';
  const lines = facts.sshdScan.lines.filter((each) => each.keyword === keyword);
  // What sshd reads before Postern's file outranks it; of the rest, what is in a Match block may.
  const line = lines.find(({ ahead }) => ahead) ?? lines.find(({ match }) => match !== null) ?? lines[0];
  return line === undefined
    ? "another setting takes precedence over Postern's file"
    : `a line takes precedence over Postern's file (${line.at})`;
}
