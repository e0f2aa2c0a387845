import { answersOf, keyOf, type Standing, start, take } from './run.ts';
import { type Flow, isPostern, moduleOf, nameRule, servesKeyHolders } from './stack.ts';

/** Modules that prove nobody: their success is no first factor, and their failure none that failed. */
const provingNobody: ReadonlySet<string> = new Set(
  [
    ...['access', 'cap', 'deny', 'echo', 'env', 'faildelay', 'faillock', 'group', 'issue', 'keyinit'],
    ...['lastlog', 'lastlog2', 'listfile', 'localuser', 'loginuid', 'motd', 'nologin', 'permit', 'securetty'],
    ...['selinux', 'sepermit', 'shells', 'succeed_if', 'systemd', 'tally', 'tally2', 'time', 'umask'],
    ...['usertype', 'warn', 'wheel', 'wtmpdb', 'gnome_keyring', 'kwallet', 'kwallet5', 'mount', 'ecryptfs'],
  ].map((name) => `pam_${name}.so`),
);

/**
 * Looks for a way on which the first factor fails, none succeeds, and `pam_postern.so` is reached all the same: there
 * a wrong password would meet the question for the code. Answers the rule that failed first on it; null: there is none.
 */
export function findUnguardedRule(flow: readonly Flow[]): string | null {
  const seen = new Set<string>();
  const todo: { readonly standing: Standing; readonly failed: string | null }[] = [
    { standing: start, failed: null },
  ];
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    const { standing, failed } = step;
    const rule = flow[standing.at];
    const key = `${keyOf(standing)} ${failed !== null}`;
    if (rule === undefined || seen.has(key)) continue;
    seen.add(key);
    if (isPostern(rule.line) && !servesKeyHolders(rule.line)) {
      if (failed !== null) return failed;
      continue;
    }
    const isOurs = isPostern(rule.line);
    const proves = !isOurs && !provingNobody.has(moduleOf(rule.line));
    for (const answer of answersOf(rule)) {
      // Whoever has proved who they are may be asked for the code: that way need not be followed.
      if (proves && (answer === 'success' || answer === 'new_authtok_reqd')) continue;
      // Those who showed a key end there; all others it ignores.
      if (isOurs && answer !== 'ignore') continue;
      const failedNow = failed ?? (proves && answer !== 'ignore' ? nameRule(rule.line) : null);
      todo.push({ standing: take(flow, standing, answer), failed: failedNow });
    }
  }
  return null;
}
