import { PosternError } from '../errors.ts';
import type { Files } from '../ports.ts';
import type { Places, SystemFacts } from './types.ts';

type Fact = NonNullable<ReturnType<Files['stat']>>;

/** Whether a file is root's, and nobody else's to write. */
export function isTrustedFile(fact: Fact | undefined): boolean {
  return fact?.isFile === true && fact.uid === 0 && (fact.mode & 0o022) === 0;
}

/**
 * Of what root runs at each sign-in, the first path that somebody else could change or put something else in the place
 * of: the helper, the files that it loads, and every folder above them; null: there is none. A sticky folder such as
 * /tmp is none of root's either: what lies in it may be gone after a boot, and anybody can then put it there anew.
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
  const paths = [...foldersAbove(`${loaded}/`), ...foldersAbove(helper), helper, ...code];
  return paths.find((path) => describeOthers(path, files) !== undefined) ?? null;
}

/** How others than root have a say in what is there, as the end of a sentence; undefined: they have none. */
export function describeOthers(path: string, files: Files): string | undefined {
  const fact = files.stat(path);
  if (fact === undefined) return undefined;
  // Whoever owns / has all below it: that is root, or in a user namespace, root outside.
  if (![0, files.stat('/')?.uid].includes(fact.uid)) return `belongs to user ${fact.uid}`;
  if ((fact.mode & 0o022) === 0) return undefined;
  return `can be written by others than root (mode ${fact.mode.toString(8).padStart(4, '0')})`;
}

/** Error: `rule.program_untrusted`. */
export function refuseUntrusted({ untrusted, programDirectory }: SystemFacts): void {
  if (untrusted === null) return;
  const isOwn = `${untrusted}/`.startsWith(`${programDirectory}/`);
  // What belongs to people, or to everybody, is not to be taken from them: the program must go.
  const isPeoples = /^\/(home|tmp|var\/tmp)(\/|$)/.test(untrusted);
  const mend = `chown root:root ${untrusted} && chmod go-w ${untrusted}`;
  throw new PosternError({
    code: 'rule.program_untrusted',
    message: `root would run ${programDirectory} at each SSH sign-in, and others than root can change ${untrusted}`,
    hint: isOwn
      ? `chown -R root:root ${programDirectory} && chmod -R go-w ${programDirectory}`
      : isPeoples
        ? `cd ${programDirectory} && npm install -g "$(npm pack --silent)"`
        : mend,
  });
}

/** `/`, `/opt`, `/opt/postern` of `/opt/postern/file`. */
export function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(1, -1);
  return ['/', ...names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)];
}
