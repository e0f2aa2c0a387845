import { PosternError } from '../../errors.ts';
import type { Files } from '../../ports/machine.ts';
import type { Places, SystemFacts } from '../types.ts';

type Fact = NonNullable<ReturnType<Files['stat']>>;

/** Whether a file is root's, and nobody else's to write. */
export function isTrustedFile(fact: Fact | undefined): boolean {
  return fact?.isFile === true && fact.uid === 0 && (fact.mode & 0o022) === 0;
}

/**
 * Of what root runs at each sign-in, the first path that someone else could change or put something else in the place
 * of: the helper, the files that it loads, and every folder above them; null: there is none. A sticky folder such as
 * /tmp is none of root's either: what lies in it may be gone after a boot, and anybody can then put it there again.
 */
export function findUntrusted(
  files: Files,
  { helper, programDirectory }: Pick<Places, 'helper' | 'programDirectory'>,
): string | null {
  const loaded = `${programDirectory}/dist`;
  const isLoaded = (name: string) => name.endsWith('.cjs') || name.endsWith('.cjs.cache');
  const code =
    files.stat(loaded) === undefined
      ? []
      : files
          .list(loaded)
          .filter(isLoaded)
          .map((name) => `${loaded}/${name}`);
  const paths = [loaded, helper, ...code].flatMap((path) => stepsTo(path, files));
  return paths.find((path) => describeOthers(path, files) !== undefined) ?? null;
}

/** How users other than root have a say in what is there, as the end of a sentence; undefined: they have none. */
export function describeOthers(path: string, files: Files): string | undefined {
  const fact = files.stat(path);
  if (fact === undefined) return undefined;
  // Whoever owns / has all below it: that is root, or in a user namespace, root outside.
  if (![0, files.stat('/')?.uid].includes(fact.uid)) return `belongs to user ${fact.uid}`;
  // The mode of a symbolic link says nothing: it is changed by whoever may change the folder.
  if ((fact.mode & 0o022) === 0 || files.link(path) !== undefined) return undefined;
  return `can be written by users other than root (mode ${fact.mode.toString(8).padStart(4, '0')})`;
}

/** Errors: `rule.program_untrusted`, `rule.interpreter_untrusted`. */
export function refuseUntrusted(facts: SystemFacts): void {
  refuseProgram(facts);
  const { path, untrusted = null } = facts.interpreter ?? {};
  if (untrusted === null) return;
  throw new PosternError({
    code: 'rule.interpreter_untrusted',
    message:
      untrusted === '/root'
        ? `${path} runs as root at every SSH sign-in, but is in a user's home directory`
        : `${path} runs as root at every SSH sign-in, but users other than root can change ${untrusted}`,
    hint: isPersonal(untrusted)
      ? "start Postern with the system's Node: apt-get install nodejs, then /usr/bin/node and this line"
      : `chown root:root ${untrusted} && chmod go-w ${untrusted}`,
  });
}

/** What belongs to people, or to everyone, is not to be taken from them: what root runs must lie elsewhere. */
function isPersonal(path: string): boolean {
  return /^\/(home|root|tmp|var\/tmp)(\/|$)/.test(path);
}

function refuseProgram({ untrusted, programDirectory }: SystemFacts): void {
  if (untrusted === null) return;
  const isOwn = `${untrusted}/`.startsWith(`${programDirectory}/`);
  const mend = `chown root:root ${untrusted} && chmod go-w ${untrusted}`;
  throw new PosternError({
    code: 'rule.program_untrusted',
    message: `${programDirectory} runs as root at every SSH sign-in, but users other than root can change ${untrusted}`,
    hint: isOwn
      ? `chown -R root:root ${programDirectory} && chmod -R go-w ${programDirectory}`
      : isPersonal(untrusted)
        ? `cd ${programDirectory} && npm install -g "$(npm pack --silent)"`
        : mend,
  });
}

/**
 * Every path that has a say in what `path` leads to: it, the folders above it, and both of each symbolic link on the way.
 */
export function stepsTo(path: string, files: Files): readonly string[] {
  const steps = ['/'];
  const todo = path.split('/');
  let folder = '';
  // As many links as the kernel follows (path_resolution(7)).
  for (let links = 0; todo.length > 0 && links <= 40; ) {
    const name = todo.shift();
    if (name === '..') folder = folder.slice(0, folder.lastIndexOf('/'));
    if (name === undefined || ['', '.', '..'].includes(name)) continue;
    const step = `${folder}/${name}`;
    steps.push(step);
    const target = files.link(step);
    if (target === undefined) folder = step;
    else {
      links += 1;
      if (target.startsWith('/')) folder = '';
      todo.unshift(...target.split('/'));
    }
  }
  return steps;
}

/** `/`, `/opt`, `/opt/postern` of `/opt/postern/file`. */
export function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1);
  return ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
}
