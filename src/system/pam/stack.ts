import { type PamLine, parsePamLines } from './lines.ts';

/** The two lists of rules that a sign-in goes through, one after the other. */
export type PamPhase = 'auth' | 'account';

/** One rule of a service's stack, with what it includes in its place; a `substack` is before its own rules. */
export type Flow = {
  readonly line: PamLine;
  /** How many substacks it is in. */
  readonly depth: number;
};

/** The rules that libpam runs for a service, in their order. A file that includes itself is read once. */
export function expandStack(
  content: string,
  readService: (name: string) => string | undefined,
  phase: PamPhase,
): readonly Flow[] {
  return expand(content, readService, phase, 0, new Set());
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

function expand(
  content: string,
  readService: (name: string) => string | undefined,
  phase: PamPhase,
  depth: number,
  open: ReadonlySet<string>,
): Flow[] {
  return parsePamLines(content).flatMap((line) => {
    if (line.type !== '@include' && line.type !== phase) return [];
    const isSubstack = line.control === 'substack';
    const name =
      line.type === '@include'
        ? line.control
        : isSubstack || line.control === 'include'
          ? line.module
          : undefined;
    if (name === undefined) return [{ line, depth }];
    const inner = open.has(name)
      ? []
      : expand(
          readService(name.split('/').at(-1) ?? name) ?? '',
          readService,
          phase,
          isSubstack ? depth + 1 : depth,
          new Set([...open, name]),
        );
    return isSubstack ? [{ line, depth }, ...inner] : inner;
  });
}
