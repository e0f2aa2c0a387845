import { findNetwork, isOwnAddress, readAddress } from '../../domain/addresses.ts';
import type { TwoFactorSettings } from '../../domain/settings.ts';

/** What of the accounts decides whom sshd asks, whatever the settings. */
export type AccountNames = {
  /** Those with a device, and those that are refused: locked ones, and ones that cannot be read. Sorted. */
  readonly named: readonly string[];
  /** Those that are never asked. Sorted. */
  readonly exempt: readonly string[];
};

/** Whom sshd is to ask for a code, as its Match criteria can say it. */
export type Asked = (
  | { readonly who: 'named'; readonly names: ReadonlySet<string> }
  | { readonly who: 'everybody'; readonly except?: ReadonlySet<string> }
) & {
  /** What PubkeyAuthOptions must say for them; absent: what it says. */
  readonly keyOptions?: string;
  /** Groups and networks of which nobody is asked, as far as sshd can be told of them. */
  readonly limits?: { readonly groups: readonly string[]; readonly networks: readonly string[] };
};

/** The Match criterion that everyone meets. */
const all = 'all';

/**
 * Whom sshd asks by the settings: an account without a device is none of its business while it may sign in so. What a
 * Match block cannot name exactly is not left out: it is asked by sshd, and let in by PAM.
 */
export function decideAsked(settings: TwoFactorSettings, { named, exempt }: AccountNames): Asked {
  const limits = listLimits(settings);
  return settings.unenrolled === 'allow'
    ? { who: 'named', names: new Set(named), limits }
    : { who: 'everybody', except: new Set(exempt.filter(isExact)), limits };
}

/** Whether sshd asks a login name (that comes from there); `perhaps`: its groups decide. */
export function isAsked(asked: Asked, username: string, from?: string): boolean | 'perhaps' {
  const isNamed = asked.who === 'everybody' ? !asked.except?.has(username) : asked.names.has(username);
  const address = from === undefined ? undefined : readAddress(from);
  if (!isNamed || (address && findNetwork(address, asked.limits?.networks ?? []))) return false;
  return (asked.limits?.groups ?? []).length > 0 ? 'perhaps' : true;
}

/** Whether sshd lets people alone for their groups or addresses. */
export function hasLimits({ limits }: Asked): boolean {
  return limits !== undefined && limits.groups.length + limits.networks.length > 0;
}

/** Networks with the machine itself in them stay asked: tunnels and proxies come from there. */
function listLimits({ exempt_groups, exempt_networks }: TwoFactorSettings) {
  return {
    groups: exempt_groups.filter((name) => /^[\w.@+-]+( [\w.@+-]+)*$/.test(name)),
    networks: exempt_networks.filter((network) => !holdsLoopback(network)),
  };
}

/** In a list of sshd's, one with `!` outweighs all others. */
function writeLimits({ limits }: Asked): string {
  const { groups = [], networks = [] } = limits ?? {};
  const list = groups.map((name) => `,!${name}`).join('');
  return [
    ...(groups.length === 0 ? [] : [`Group ${list.includes(' ') ? `"*${list}"` : `*${list}`}`]),
    ...(networks.length === 0 ? [] : [`Address *${networks.map((network) => `,!${network}`).join('')}`]),
  ].join(' ');
}

function holdsLoopback(network: string): boolean {
  const first = readAddress(network.split('/')[0] ?? '');
  if (first === undefined || isOwnAddress(first, [])) return true;
  return ['127.0.0.1', '::1'].some((text) => {
    const address = readAddress(text);
    return address !== undefined && findNetwork(address, [network]) !== undefined;
  });
}

/** Whether sshd is to ask nobody at all. */
export function asksNobody(asked: Asked): boolean {
  return asked.who === 'named' && asked.names.size === 0;
}

/**
 * The criteria of a Match block for those who are asked and meet `criteria` too, or are one of `only`; null: nobody can
 * be. A block that names its users is narrowed to those of them who are asked.
 */
export function writeCriteria(asked: Asked, criteria: string = all, only?: readonly string[]): string | null {
  const { users, others } = splitUsers(criteria);
  const isMeant = (name: string) =>
    isAsked(asked, name) !== false && (only === undefined || only.includes(name));
  const names = users === null ? (only ?? listNames(asked)) : users;
  const limits = writeLimits(asked);
  if (names === null) {
    const except = asked.who === 'everybody' ? [...(asked.except ?? [])].map((name) => `,!${name}`) : [];
    // `all` would count without a connection, too, where methods and what they need come from different places.
    const isAlone = joinCriteria([others]) === all && limits === '';
    const everybody = except.length > 0 || isAlone ? `User *${except.join('')}` : all;
    return joinCriteria([everybody, limits || all, others || all]);
  }
  const meant = names.filter(isMeant);
  if (meant.length === 0) return null;
  return joinCriteria([`User ${meant.map(writePattern).join(',')}`, limits || all, others || all]);
}

/** All of them at once; `all` is alone in its line, and adds nothing. */
export function joinCriteria(criteria: readonly string[]): string {
  return criteria.filter((each) => !/^all$/i.test(each)).join(' ') || all;
}

/** null: they need no names. */
function listNames(asked: Asked): readonly string[] | null {
  return asked.who === 'everybody' ? null : [...asked.names];
}

/** The login names that a line of criteria names one by one (null: it does not), and what else it asks for. */
function splitUsers(criteria: string): { readonly users: readonly string[] | null; readonly others: string } {
  const pairs = [...criteria.matchAll(/(invalid-user|all)(?!\S)|(\S+)\s+(\S+)/gi)];
  const index = pairs.findIndex(([, , keyword = '']) => keyword.toLowerCase() === 'user');
  const list = pairs[index]?.[3] ?? '';
  if (/["'=]/.test(criteria) || !/^[\w.$@+,-]+$/.test(list)) return { users: null, others: criteria };
  const others = pairs.filter((_, each) => each !== index).map(([words]) => words);
  return { users: list.split(','), others: others.join(' ') };
}

/** Whether a Match block can name exactly this account. */
export function isExact(name: string): boolean {
  return writePattern(name) === name && !name.includes('?');
}

/** Whether the drop-in `content` asks a login name for a code already, its groups and address left out. */
export function isAskedIn(content: string, name: string): boolean {
  const lists = content.matchAll(/^Match User (\S+)/gm);
  return [...lists].some(([, list = '']) => {
    const patterns = list.split(',');
    return patterns.includes(writePattern(name)) || (patterns[0] === '*' && !patterns.includes(`!${name}`));
  });
}

/** Login names that a pattern cannot name are matched by a wider one, so that they are asked all the same. */
function writePattern(name: string): string {
  return name.replaceAll(/[^\w.$@+\p{L}\p{M}\p{N}-]/gu, '?');
}
