import {
  endOfDecision,
  type Flow,
  isPostern,
  moduleOf,
  nameRule,
  servesKeyHolders,
  skipRules,
} from './pam-flow.ts';

/** Modules that prove nobody: their success is no first factor, and their failure none that failed. */
const provingNobody: ReadonlySet<string> = new Set(
  [
    ...[
      'access',
      'cap',
      'deny',
      'echo',
      'env',
      'faildelay',
      'faillock',
      'group',
      'issue',
      'keyinit',
      'lastlog',
    ],
    ...['listfile', 'localuser', 'loginuid', 'motd', 'nologin', 'permit', 'securetty', 'selinux', 'shells'],
    ...['succeed_if', 'systemd', 'tally', 'tally2', 'time', 'umask', 'usertype', 'warn', 'wheel'],
    ...['gnome_keyring', 'kwallet', 'kwallet5', 'mount', 'ecryptfs'],
  ].map((name) => `pam_${name}.so`),
);

/**
 * Looks for a way on which the first factor fails, none succeeds, and `pam_postern.so` is reached all the same: there
 * a wrong password would meet the question for the code. Answers the rule that failed first on it; null: there is none.
 */
export function findUnguardedRule(flow: readonly Flow[]): string | null {
  const seen = new Set<string>();
  const todo: { readonly at: number; readonly failed: string | null }[] = [{ at: 0, failed: null }];
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    const { at, failed } = step;
    const key = `${at} ${failed !== null}`;
    const entry = flow[at];
    if (entry === undefined || seen.has(key)) continue;
    seen.add(key);
    if (isPostern(entry.line)) {
      if (servesKeyHolders(entry.line)) todo.push({ at: at + 1, failed });
      else if (failed !== null) return failed;
      continue;
    }
    const module = moduleOf(entry.line);
    const proves = !provingNobody.has(module);
    const { success, ignore, failures } = readControl(entry.line.control);
    const nexts = (actions: readonly string[]) => actions.flatMap((action) => follow(flow, at, action));
    // Whoever has proved who they are may be asked for the code: that way need not be followed.
    const passed = proves || module === 'pam_deny.so' ? [] : [success, ignore];
    for (const next of nexts(passed)) todo.push({ at: next, failed });
    if (module === 'pam_permit.so') continue;
    const failedNow = failed ?? (proves ? nameRule(entry.line) : null);
    for (const next of nexts(failures)) todo.push({ at: next, failed: failedNow });
  }
  return null;
}

type Control = {
  /** What follows success, PAM_IGNORE, and each other answer: `ok`, `die`, `2`, … */
  readonly success: string;
  readonly ignore: string;
  readonly failures: readonly string[];
};

/** A control in the words of the square brackets (pam.conf(5)). */
function readControl(control: string): Control {
  const bracket = /^\[(.*)\]$/.exec(control)?.[1];
  if (bracket === undefined) {
    switch (control) {
      case 'sufficient':
        return { success: 'done', ignore: 'ignore', failures: ['ignore'] };
      case 'optional':
        return { success: 'ok', ignore: 'ignore', failures: ['ignore'] };
      case 'requisite':
        return { success: 'ok', ignore: 'ignore', failures: ['die'] };
      default:
        return { success: 'ok', ignore: 'ignore', failures: ['bad'] };
    }
  }
  const pairs = new Map(
    bracket
      .trim()
      .split(/\s+/)
      .map((pair) => pair.split('=') as [string, string | undefined]),
  );
  const others = pairs.get('default') ?? 'bad';
  const failures = [...pairs].filter(
    ([value]) => !['success', 'new_authtok_reqd', 'ignore', 'default'].includes(value),
  );
  return {
    success: pairs.get('success') ?? others,
    ignore: pairs.get('ignore') ?? others,
    failures: [others, ...failures.map(([, action]) => action ?? 'bad')],
  };
}

/** The rules that an action leads to: one, or none where the stack ends. */
function follow(flow: readonly Flow[], at: number, action: string): readonly number[] {
  if (action === 'done' || action === 'die') return [endOfDecision(flow, at)];
  return [skipRules(flow, at, /^\d+$/.test(action) ? Number(action) : 0)];
}
