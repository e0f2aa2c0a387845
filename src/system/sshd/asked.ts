import type { TwoFactorSettings } from '../../domain/settings.ts';

/** What of the accounts decides whom sshd asks, whatever the settings. */
export type AccountNames = {
  /** Those with a device, and those that are refused: locked ones, and ones that cannot be read. Sorted. */
  readonly named: readonly string[];
};

/** Whom sshd is to ask for a code, as its Match criteria can say it. */
export type Asked =
  /** These login names and no other. */
  { readonly who: 'named'; readonly names: ReadonlySet<string> } | { readonly who: 'everybody' };

/** The Match criterion that everybody meets. */
const all = 'all';

/** Whom sshd asks by the settings: an account without a device is none of its business while it may sign in so. */
export function decideAsked({ unenrolled }: TwoFactorSettings, { named }: AccountNames): Asked {
  return unenrolled === 'allow' ? { who: 'named', names: new Set(named) } : { who: 'everybody' };
}

export function isAsked(asked: Asked, username: string): boolean {
  return asked.who === 'everybody' || asked.names.has(username);
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
  const isMeant = (name: string) => isAsked(asked, name) && (only === undefined || only.includes(name));
  const names = users === null ? (only ?? listNames(asked)) : users;
  // `all` would count without a connection, too, where methods and what they need come from different places.
  if (names === null) return joinCriteria([others]) === all ? 'User *' : others;
  const meant = names.filter(isMeant);
  if (meant.length === 0) return null;
  return joinCriteria([`User ${meant.map(writePattern).join(',')}`, others || all]);
}

/** All of them at once; `all` stands alone in its line, and adds nothing. */
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

/** Whether the drop-in `content` asks a login name for a code already. */
export function isAskedIn(content: string, name: string): boolean {
  const lists = content.matchAll(/^Match User (\S+)/gm);
  return [...lists].some(([, list = '']) => list === '*' || list.split(',').includes(writePattern(name)));
}

/** Login names that a pattern cannot name are matched by a wider one, so that they are asked all the same. */
function writePattern(name: string): string {
  return name.replaceAll(/[^\w.$@+\p{L}\p{M}\p{N}-]/gu, '?');
}
