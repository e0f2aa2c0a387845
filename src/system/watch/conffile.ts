import type { SystemPorts } from '../types.ts';

/** How long a package may take between unpacking its files and writing its configuration. */
const configuringMs = 3_600_000;

/**
 * Whether a configuration file is as its Debian package brings it, and the package has just written it: not where a
 * person took something out of it, though its content may then be the same. dpkg gives a file the time that it has in
 * the package; an editor gives it the present.
 */
export function wasWrittenByPackage(path: string, { files, runner }: SystemPorts): boolean {
  const fact = files.stat(path);
  const changedMs = files.changedMs(path);
  const owner = findPackage(path, files.read('/var/lib/dpkg/status') ?? '');
  if (!fact?.isFile || changedMs === undefined || owner === undefined) return false;
  const digest = runner.run(['md5sum', '--', path]).stdout.slice(0, 32);
  const unpackedMs = files
    .list('/var/lib/dpkg/info')
    .filter(
      (name) =>
        name === `${owner.name}.list` || (name.startsWith(`${owner.name}:`) && name.endsWith('.list')),
    )
    .map((name) => files.stat(`/var/lib/dpkg/info/${name}`)?.mtimeMs ?? 0);
  const isJustUnpacked = unpackedMs.some((ms) => Math.abs(changedMs - ms) < configuringMs);
  return digest === owner.digest && isJustUnpacked && changedMs - fact.mtimeMs > 60_000;
}

/** The package whose configuration file it is, and the file's MD5 sum as the package brings it (dpkg's status file). */
function findPackage(
  path: string,
  status: string,
): { readonly name: string; readonly digest: string } | undefined {
  for (const stanza of status.split('\n\n')) {
    const line = stanza.split('\n').find((text) => text.startsWith(` ${path} `));
    const name = /^Package: (\S+)$/m.exec(stanza)?.[1];
    const digest = / ([0-9a-f]{32})$/.exec(line ?? '')?.[1];
    if (name !== undefined && digest !== undefined) return { name, digest };
  }
  return undefined;
}
