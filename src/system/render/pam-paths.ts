import { type PamLine, parsePamLines } from './pam-lines.ts';

const moduleName = 'pam_postern.so';

/** How the authentication of a service can end well. */
export type PamPaths = {
  /** The module stands in the stack. */
  readonly asksForCode: boolean;
  /** A line after whose success the sign-in succeeds without the module's word; null: there is none. */
  readonly bypass: string | null;
};

type Flow = { readonly line: PamLine; readonly depth: number };

/**
 * Follows every way through a service's authentication rules in which no module fails for good, and tells whether
 * one of them ends in success without passing `pam_postern.so` (a `sufficient` or a jump before it, for instance).
 */
export function tracePamPaths(service: string, readService: (name: string) => string | undefined): PamPaths {
  const flow = expandAuth(service, readService, 0, new Set());
  const asksForCode = flow.some(({ line }) => isModule(line) && !servesKeyHolders(line));
  const seen = new Set<string>();
  const todo: { at: number; granted: boolean; by: string }[] = [{ at: 0, granted: false, by: '' }];
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    const { at, granted, by } = step;
    const key = `${at} ${granted}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const entry = flow[at];
    if (entry === undefined) {
      if (granted) return { asksForCode, bypass: by };
      continue;
    }
    // What the module itself grants is its word; only where it has none, others may speak.
    if (isModule(entry.line)) {
      if (servesKeyHolders(entry.line)) todo.push({ at: at + 1, granted, by });
      continue;
    }
    for (const action of actionsOf(entry.line.control)) {
      const name = `${entry.line.control} ${entry.line.module}`;
      if (action.kind === 'end') {
        if (granted || action.grants) {
          const after = entry.depth === 0 ? flow.length : endOfDepth(flow, at);
          todo.push({ at: after, granted: true, by: name });
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
  return { asksForCode, bypass: null };
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

function isModule(line: PamLine): boolean {
  return line.module.split('/').at(-1) === moduleName;
}

/** The rule that lets all others pass on. */
function servesKeyHolders(line: PamLine): boolean {
  return line.arguments.includes('after=publickey');
}

function expandAuth(
  content: string,
  readService: (name: string) => string | undefined,
  depth: number,
  open: ReadonlySet<string>,
): Flow[] {
  return parsePamLines(content).flatMap((line) => {
    const name =
      line.type === '@include'
        ? line.control
        : line.type === 'auth' && (line.control === 'include' || line.control === 'substack')
          ? line.module
          : undefined;
    if (name === undefined) return line.type === 'auth' ? [{ line, depth }] : [];
    if (open.has(name)) return [];
    return expandAuth(
      readService(name.split('/').at(-1) ?? name) ?? '',
      readService,
      line.control === 'substack' ? depth + 1 : depth,
      new Set([...open, name]),
    );
  });
}

/** The first rule after the substack that the rule `at` stands in. */
function endOfDepth(flow: readonly Flow[], at: number): number {
  const depth = flow[at]?.depth ?? 0;
  let next = at + 1;
  while ((flow[next]?.depth ?? -1) >= depth) next++;
  return next;
}

/** Where a jump over `count` rules leads: a substack counts as one, and none leaves the substack it is in. */
function skipRules(flow: readonly Flow[], at: number, count: number): number {
  const depth = flow[at]?.depth ?? 0;
  let next = at + 1;
  for (let left = count; left > 0 && (flow[next]?.depth ?? -1) >= depth; left--) {
    next++;
    while ((flow[next]?.depth ?? -1) > depth) next++;
  }
  return next;
}
