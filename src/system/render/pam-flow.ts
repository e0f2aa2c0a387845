import { type PamLine, parsePamLines } from './pam-lines.ts';

/** One rule of the `auth` stack of a service, with what it includes put in its place. */
export type Flow = {
  readonly line: PamLine;
  /** How many substacks it stands in. */
  readonly depth: number;
};

/** The `auth` rules that libpam runs for a service, in their order. A file that includes itself is read once. */
export function expandAuth(
  service: string,
  readService: (name: string) => string | undefined,
): readonly Flow[] {
  return expand(service, readService, 0, new Set());
}

/** How a rule is called in a message: its control and its module. */
export function nameRule({ control, module }: PamLine): string {
  return `${control} ${module}`;
}

/** Name of a rule's module without its folder. */
export function moduleOf(line: PamLine): string {
  return line.module.split('/').at(-1) ?? '';
}

/** Whether a rule is `pam_postern.so`. */
export function isPostern(line: PamLine): boolean {
  return moduleOf(line) === 'pam_postern.so';
}

/** Whether a rule of `pam_postern.so` is the one that lets all but key holders pass on. */
export function servesKeyHolders(line: PamLine): boolean {
  return line.arguments.includes('after=publickey');
}

/** Where a decision at rule `at` leads: out of the substack that it stands in, or to the end. */
export function endOfDecision(flow: readonly Flow[], at: number): number {
  const depth = flow[at]?.depth ?? 0;
  if (depth === 0) return flow.length;
  let next = at + 1;
  while ((flow[next]?.depth ?? -1) >= depth) next++;
  return next;
}

/** Where a jump over `count` rules leads: a substack counts as one, and none leaves the substack it is in. */
export function skipRules(flow: readonly Flow[], at: number, count: number): number {
  const depth = flow[at]?.depth ?? 0;
  let next = at + 1;
  for (let left = count; left > 0 && (flow[next]?.depth ?? -1) >= depth; left--) {
    next++;
    while ((flow[next]?.depth ?? -1) > depth) next++;
  }
  return next;
}

function expand(
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
    return expand(
      readService(name.split('/').at(-1) ?? name) ?? '',
      readService,
      line.control === 'substack' ? depth + 1 : depth,
      new Set([...open, name]),
    );
  });
}
