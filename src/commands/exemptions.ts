import { PosternError } from '../errors.ts';
import type { Snapshot } from '../registry/spec.ts';

/** What is wrong with the name of a group, as the rest of a sentence. */
export function findGroupFault(name: string): string | undefined {
  if (name.length > 256) return 'has a name of more than 256 characters';
  if (name.startsWith('-')) return 'has a name that begins with a "-"';
  return /[:\u0000-\u001f\u007f]/.test(name) ? 'has a name with a ":" or a control character' : undefined;
}

/**
 * The networks of an update in their one spelling, and what to know of its lists. A group that the system does not know
 * is a warning: a directory service may be away, and until it is there it exempts nobody. Errors: `bind.wrong_value`,
 * `rule.everybody_exempt`.
 */
export async function takeExemptions(
  given: { readonly exempt_groups?: readonly string[]; readonly exempt_networks?: readonly string[] },
  snapshot: Snapshot,
): Promise<{
  readonly networks: { exempt_networks?: readonly string[] };
  readonly warnings: readonly string[];
}> {
  const { exempt_groups = [], exempt_networks } = given;
  const known = exempt_groups.length > 0 ? await snapshot.knownGroups(exempt_groups) : [];
  const unknown = exempt_groups.filter((group) => !known.includes(group));
  const warnings = unknown.map(
    (group) => `the system knows no group "${group}": nobody is exempt by it (getent group shows them)`,
  );
  if (exempt_networks === undefined) return { networks: {}, warnings };
  const { isOwnNetwork, normaliseNetwork } = await import('../domain/networks.ts');
  const networks = exempt_networks.map((typed) => {
    const read = normaliseNetwork(typed);
    if ('network' in read) return read.network;
    throw new PosternError({
      code: read.isEverybody ? 'rule.everybody_exempt' : 'bind.wrong_value',
      message: `exempt_networks: "${typed}" ${read.fault}`,
      hint: 'write exempt_networks=192.168.1.0/24,2001:db8::/32, or exempt_networks=[] for none',
    });
  });
  const own = networks.filter(isOwnNetwork);
  const ofOwn = own.map((network) => `${network} exempts nobody: loopback is always asked for a code`);
  return { networks: { exempt_networks: [...new Set(networks)] }, warnings: [...warnings, ...ofOwn] };
}
