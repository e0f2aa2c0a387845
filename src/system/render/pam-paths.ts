import { endOfDecision, expandAuth, isPostern, nameRule, servesKeyHolders, skipRules } from './pam-flow.ts';
import { findUnguardedRule } from './pam-guard.ts';

/** How the authentication of a service can end well. */
export type PamPaths = {
  /** The module stands in the stack. */
  readonly asksForCode: boolean;
  /** A line after whose success the sign-in succeeds without the module's word; null: there is none. */
  readonly bypass: string | null;
  /** A line after whose failure the code is asked for all the same, the password being wrong; null: there is none. */
  readonly unguarded: string | null;
};

/**
 * Follows every way through a service's authentication rules in which no module fails for good, and tells whether
 * one of them ends in success without passing `pam_postern.so` (a `sufficient` or a jump before it, for instance); and
 * whether one leads there with a wrong password (a `sufficient` with no deny after it).
 */
export function tracePamPaths(service: string, readService: (name: string) => string | undefined): PamPaths {
  const flow = expandAuth(service, readService);
  const asksForCode = flow.some(({ line }) => isPostern(line) && !servesKeyHolders(line));
  const unguarded = findUnguardedRule(flow);
  const seen = new Set<string>();
  const todo: { at: number; granted: boolean; by: string }[] = [{ at: 0, granted: false, by: '' }];
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    const { at, granted, by } = step;
    const key = `${at} ${granted}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const entry = flow[at];
    if (entry === undefined) {
      if (granted) return { asksForCode, bypass: by, unguarded };
      continue;
    }
    // What the module itself grants is its word; only where it has none, others may speak.
    if (isPostern(entry.line)) {
      if (servesKeyHolders(entry.line)) todo.push({ at: at + 1, granted, by });
      continue;
    }
    for (const action of actionsOf(entry.line.control)) {
      const name = nameRule(entry.line);
      if (action.kind === 'end') {
        if (granted || action.grants) {
          todo.push({ at: endOfDecision(flow, at), granted: true, by: name });
        }
      } else {
        todo.push({
          at: skipRules(flow, at, action.skip),
          granted: granted || action.grants,
          by: action.grants ? name : by,
        });
      }
    }
  }
  return { asksForCode, bypass: null, unguarded };
}

type Action =
  | { readonly kind: 'end'; readonly grants: boolean }
  | { readonly kind: 'next'; readonly skip: number; readonly grants: boolean };

/** What may follow a rule without failing the stack: of its success, and of any other answer. */
function actionsOf(control: string): readonly Action[] {
  const bracket = /^\[(.*)\]$/.exec(control)?.[1];
  if (bracket === undefined) {
    switch (control) {
      case 'sufficient':
        return [
          { kind: 'end', grants: true },
          { kind: 'next', skip: 0, grants: false },
        ];
      case 'optional':
        return [
          { kind: 'next', skip: 0, grants: true },
          { kind: 'next', skip: 0, grants: false },
        ];
      default:
        return [{ kind: 'next', skip: 0, grants: true }];
    }
  }
  return bracket.split(/\s+/).flatMap((pair): Action[] => {
    const [value = '', action = ''] = pair.split('=');
    const good = value === 'success' || value === 'new_authtok_reqd';
    if (action === 'done') return good ? [{ kind: 'end', grants: true }] : [];
    if (action === 'ok') return [{ kind: 'next', skip: 0, grants: good }];
    if (action === 'ignore' || action === 'reset') return [{ kind: 'next', skip: 0, grants: false }];
    // A jump leaves what was granted as it is (pam.conf(5)).
    if (/^\d+$/.test(action)) return [{ kind: 'next', skip: Number(action), grants: false }];
    return [];
  });
}
