import type { SshdProbe, SystemFacts } from '../types.ts';
import { type Asked, isAsked } from './asked.ts';
import { readValues } from './scan.ts';
import { readSufficientMethods, takesPasswords } from './values.ts';

type Answer = Readonly<Record<string, string>>;

/** A value of sshd's that is not as it must be. */
export type SshdFault = { readonly keyword: string; readonly found: string; readonly wanted: string };

/** An address that is nobody's (RFC 5737), and the machine's own. */
const neutralAddress = '192.0.2.1';
const ownAddress = '127.0.0.1';
/** Each costs two runs of sshd. */
const probeLimit = 64;

/** Whom sshd is asked about: with no Match block everyone is like one of a few; with some, whom they name. */
export function listProbes(facts: SystemFacts, asked: Asked): readonly SshdProbe[] {
  const { matches } = facts.sshdScan;
  const users = new Set(
    [
      ...[...facts.superusers, 'nobody', ...facts.administrators, ...facts.matchedUsers],
      ...firstAndLast(asked),
    ].filter(isAskable),
  );
  const named = matches.flatMap((criteria) => readPatterns(criteria, 'address')).map(firstAddress);
  const addresses = new Set([neutralAddress, ...(matches.length > 0 ? [ownAddress, ...named] : [])]);
  return [...addresses]
    .flatMap((address) =>
      [...users].map((user) => ({
        user,
        address,
        isSuperuser: facts.superusers.includes(user),
        isAdministrator: facts.administrators.includes(user),
        isAsked: isAsked(asked, user, address),
      })),
    )
    .slice(0, probeLimit);
}

/** Two of those who are asked by their names: where the list reaches sshd, both ends of it do. */
function firstAndLast(asked: Asked): readonly string[] {
  const names = asked.who === 'named' ? [...asked.names].filter(isPlainName) : [];
  return [...names.slice(0, 1), ...names.slice(-1)];
}

/** Login names that Match blocks name, and the first member of each group they name; `groups` is /etc/group. */
export function findMatchedUsers(matches: readonly string[], groups: string): readonly string[] {
  const users = matches.flatMap((criteria) => readPatterns(criteria, 'user'));
  const members = new Map(
    groups.split('\n').map((line) => {
      const [name = '', , , list = ''] = line.split(':');
      return [name, list.split(',')[0] ?? ''] as const;
    }),
  );
  const ofGroups = matches
    .flatMap((criteria) => readPatterns(criteria, 'group'))
    .map((name) => members.get(name) ?? '');
  return [...new Set([...users, ...ofGroups])].filter(isPlainName);
}

/** `sshd -T -C` takes a comma for the end of the name, as patterns of a Match block do. */
export function isAskable(username: string): boolean {
  return !username.includes(',');
}

/** Whether it is a name and no pattern. */
function isPlainName(name: string): boolean {
  return /^[\w.$-]+$/.test(name);
}

/**
 * Judges what counts for someone who is not asked: what counted without codes, to the letter. `before` undefined: that
 * is not known, and nothing is a fault.
 */
export function judgeUnasked(after: Answer, before: Answer = after): SshdFault[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((keyword) => after[keyword] !== before[keyword])
    .map((keyword) => ({
      keyword,
      found: after[keyword] ?? '(nothing)',
      wanted: before[keyword] ?? '(nothing)',
    }));
}

/**
 * Judges what counts for someone with codes: each way in asks for the code, and none is open that was shut before.
 * `before`: what counted without codes; undefined: what was open is not looked at.
 */
export function judgeSignIn(probe: SshdProbe, after: Answer, before: Answer | undefined): SshdFault[] {
  const fault = (keyword: string, wanted: string): SshdFault => ({
    keyword,
    found: after[keyword] ?? '(nothing)',
    wanted,
  });
  const lists = (after.authenticationmethods ?? 'any').split(' ').map((list) => list.split(','));
  const needsKey = lists.every((list) => list.includes('publickey'));
  const mustBe = { usepam: 'yes', pamservicename: 'sshd', kbdinteractiveauthentication: 'yes' };
  const faults = Object.entries(mustBe)
    .filter(([keyword, wanted]) => after[keyword]?.toLowerCase() !== wanted)
    .map(([keyword, wanted]) => fault(keyword, wanted));
  if (!lists.every((list) => list.includes('keyboard-interactive:pam'))) {
    faults.push(fault('authenticationmethods', 'publickey,keyboard-interactive:pam'));
  }
  if (probe.isAdministrator && needsKey && after.pubkeyauthentication === 'no') {
    faults.push(fault('pubkeyauthentication', 'yes'));
  }
  return before === undefined ? faults : [...faults, ...judgeOpened(probe, after, before, needsKey, fault)];
}

function judgeOpened(
  { isSuperuser }: SshdProbe,
  after: Answer,
  before: Answer,
  needsKey: boolean,
  fault: (keyword: string, wanted: string) => SshdFault,
): SshdFault[] {
  const was = readValues((keyword) => before[keyword]?.toLowerCase());
  const rootBefore = before.permitrootlogin ?? 'no';
  const rootNow = after.permitrootlogin ?? 'no';
  const tookPasswords =
    takesPasswords({
      passwordAuthentication: was.passwordAuthentication === true,
      kbdInteractiveAuthentication: was.kbdInteractiveAuthentication === true && before.usepam === 'yes',
      methods: was.methods ?? { password: true, kbdInteractive: true },
    }) &&
    (!isSuperuser || rootBefore === 'yes');
  const keyWasEnough = readSufficientMethods(before.authenticationmethods ?? 'any') !== undefined;
  // prohibit-password and yes differ in the password alone, and that the methods leave out.
  const mayBe = rootBefore === 'no' || rootBefore === 'forced-commands-only' ? rootBefore : 'yes';
  return [
    ...(needsKey || tookPasswords
      ? []
      : [fault('authenticationmethods', 'publickey,keyboard-interactive:pam')]),
    ...(keyWasEnough ? [] : [fault('authenticationmethods', before.authenticationmethods ?? '')]),
    ...(!isSuperuser || rootNow === mayBe || rootNow === 'no' ? [] : [fault('permitrootlogin', mayBe)]),
  ];
}

/** The patterns of one criterion in a line of them, negated or not. */
function readPatterns(criteria: string, criterion: string): readonly string[] {
  const words = criteria.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
  return words
    .flatMap((word, index) => (word.toLowerCase() === criterion ? [words[index + 1] ?? ''] : []))
    .flatMap((patterns) => patterns.replaceAll('"', '').split(','))
    .map((pattern) => pattern.replace(/^!/, ''));
}

/** An address that a pattern, or a network ADDRESS/BITS, matches. */
function firstAddress(pattern: string): string {
  const address = pattern.replace(/\/\d+$/, '').replaceAll(/[*?]/g, '1');
  return address.includes(':') ? address : [...address.split('.'), '1', '1', '1'].slice(0, 4).join('.');
}
