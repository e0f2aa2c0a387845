import { answersOf, hasSucceeded, keyOf, type Standing, start, take } from './run.ts';
import { expandStack, type Flow, isPostern, nameRule, servesKeyHolders } from './stack.ts';
import { findUnguardedRule } from './unguarded.ts';

/** How the authentication of a service can end well. */
export type PamPaths = {
  /** The module is in the stack. */
  readonly asksForCode: boolean;
  /** A line after whose success the sign-in succeeds without the module's word; null: there is none. */
  readonly bypass: string | null;
  /** A line after whose failure the code is asked for all the same, the password being wrong; null: there is none. */
  readonly unguarded: string | null;
};

/**
 * Follows every way through a service's authentication rules, and says whether one of them ends in success without the
 * word of `pam_postern.so` (a `sufficient` or a jump before it, for instance); and whether one leads there with a wrong
 * password (a `sufficient` with no deny after it).
 */
export function tracePamPaths(content: string, readService: (name: string) => string | undefined): PamPaths {
  const flow = expandStack(content, readService, 'auth');
  const account = expandStack(withoutKeyJudge(content), readService, 'account');
  // The account phase follows whatever way the authentication has taken.
  const asksInAccount = account.some(({ line }) => isPostern(line)) && findBypass(account, false) === null;
  return {
    asksForCode: asksInAccount || flow.some(({ line }) => isPostern(line) && !servesKeyHolders(line)),
    bypass: findBypass(flow, asksInAccount),
    unguarded: findUnguardedRule(flow),
  };
}

/** The account line `keys=` asks nobody for a code: it refuses some who came by a key alone, and ignores all others. */
function withoutKeyJudge(content: string): string {
  const rows = content.split('\n');
  return rows.filter((row) => !/^\s*-?account\b.*pam_postern\.so.*\bkeys=/.test(row)).join('\n');
}

/**
 * The rule whose success leads round the module; null: there is none. `asksInAccount`: those who showed no key are asked
 * in the account phase, once the line for key holders has noted that they came by PAM.
 */
function findBypass(flow: readonly Flow[], asksInAccount: boolean): string | null {
  const seen = new Set<string>();
  const todo: { readonly standing: Standing; readonly by: string }[] = [{ standing: start, by: '' }];
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    const { standing, by } = step;
    if (hasSucceeded(flow, standing)) return by;
    const rule = flow[standing.at];
    if (rule === undefined || seen.has(keyOf(standing))) continue;
    seen.add(keyOf(standing));
    for (const answer of answersOf(rule)) {
      // What the module itself grants is its word; where it has refused, nobody else may grant it.
      if (isPostern(rule.line) && (answer === 'success' || answer === 'ignore')) {
        if (asksInAccount || !servesKeyHolders(rule.line) || answer === 'success') continue;
      }
      const next = take(flow, standing, answer);
      const grants = next.verdict === 'yes' && (standing.verdict !== 'yes' || next.at > standing.at + 1);
      todo.push({ standing: next, by: grants ? nameRule(rule.line) : by });
    }
  }
  return null;
}
