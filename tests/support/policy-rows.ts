/*
 * Who is asked for a code: product.md's section 7 written out by hand, case by case. A cell is the rule that decides;
 * what that rule answers is in `answers`. Nothing here is computed by the code under test.
 */
import type { By, Place } from './network-lab.ts';

/** A rule of section 7, as `auth two_factor explain` names it. */
export type RuleName =
  | 'off'
  | 'service_off'
  | 'unreadable_account'
  | 'locked_account'
  | 'exempt_account'
  | 'exempt_group'
  | 'exempt_network'
  | 'no_device'
  | 'security_key'
  | 'remembered_address'
  | 'asked';

export type Verdict = 'not_asked' | 'asked' | 'refused';

/** What each rule answers; `no_device` answers by `unenrolled`. */
export const answers: Readonly<Record<Exclude<RuleName, 'no_device'>, Verdict>> = {
  off: 'not_asked',
  service_off: 'not_asked',
  unreadable_account: 'refused',
  locked_account: 'refused',
  exempt_account: 'not_asked',
  exempt_group: 'not_asked',
  exempt_network: 'not_asked',
  security_key: 'not_asked',
  remembered_address: 'not_asked',
  asked: 'asked',
};

/** A word of `auth two_factor update`. */
export type Setting =
  | 'enabled'
  | 'services.ssh'
  | 'unenrolled'
  | 'exempt_groups'
  | 'exempt_networks'
  | 'security_keys'
  | 'remember';

export type Section = {
  readonly name: string;
  /** What they leave out is as it comes. */
  readonly settings: { readonly [word in Setting]?: string };
  /** `ACCOUNT | FROM | PASSWORD KEY SECURITY_KEY TOUCHLESS`, a line each. One cell stands for four that are the same. */
  readonly rows: string;
};

export const sections: readonly Section[] = [
  {
    name: 'nobody is exempt',
    settings: {},
    rows: `
      enrolled                        | far         | asked
      enrolled                        | office      | asked
      enrolled                        | far6        | asked
      enrolled                        | loopback    | asked
      enrolled, in backup             | far         | asked
      enrolled, locked                | far         | locked_account
      enrolled, damaged               | far         | unreadable_account
      enrolled, exempt, damaged       | far         | unreadable_account
      enrolled, exempt                | far         | exempt_account
      enrolled, exempt                | far6        | exempt_account
      enrolled, exempt                | loopback    | exempt_account
      enrolled, exempt, locked        | far         | locked_account
      no device                       | far         | no_device
      no device                       | far6        | no_device
      no device                       | loopback    | no_device
      no device, locked               | far         | locked_account
      no device, exempt               | far         | exempt_account`,
  },
  {
    name: 'whoever has no device is kept out',
    settings: { unenrolled: 'deny' },
    rows: `
      enrolled                        | far         | asked
      enrolled, exempt                | far         | exempt_account
      no device                       | far         | no_device
      no device                       | office      | no_device
      no device                       | loopback    | no_device
      no device, exempt               | far         | exempt_account
      no device, in backup            | far         | no_device`,
  },
  {
    name: 'a group is exempt',
    settings: { exempt_groups: 'backup' },
    rows: `
      enrolled, in backup             | far         | exempt_group
      enrolled, in backup             | far6        | exempt_group
      enrolled, in backup             | loopback    | exempt_group
      enrolled, mainly backup         | far         | exempt_group
      enrolled, in Backup             | far         | asked
      enrolled, in backup2            | far         | asked
      enrolled, in backu              | far         | asked
      enrolled, mainly Backup         | far         | asked
      enrolled                        | far         | asked
      enrolled, in backup, locked     | far         | locked_account
      enrolled, in backup, damaged    | far         | unreadable_account
      no device, in backup            | far         | exempt_group
      no device, in Backup            | far         | no_device`,
  },
  {
    name: 'networks are exempt',
    settings: { exempt_networks: '10.0.0.0/8,192.0.2.7/32,fd00:10::/32' },
    rows: `
      enrolled                        | office          | exempt_network
      enrolled                        | partner         | exempt_network
      enrolled                        | office6         | exempt_network
      enrolled                        | next to office  | asked
      enrolled                        | next to office6 | asked
      enrolled                        | far             | asked
      enrolled                        | far6            | asked
      enrolled                        | loopback        | asked
      enrolled                        | loopback 127.9  | asked
      enrolled                        | loopback6       | asked
      enrolled, exempt                | own             | exempt_account
      enrolled, locked                | office          | locked_account
      enrolled, damaged               | office          | unreadable_account
      no device                       | office          | exempt_network
      no device                       | own             | no_device`,
  },
  {
    name: 'a group and networks are exempt, and whoever has no device is kept out',
    settings: { unenrolled: 'deny', exempt_groups: 'backup', exempt_networks: '10.0.0.0/8,fd00:10::/32' },
    rows: `
      enrolled                        | far         | asked
      enrolled, in backup             | own         | exempt_group
      no device                       | office      | exempt_network
      no device                       | office6     | exempt_network
      no device                       | far         | no_device
      no device                       | own         | no_device
      no device, in backup            | far         | exempt_group
      no device, in Backup            | far         | no_device`,
  },
  {
    name: 'a FIDO key that was touched is enough',
    settings: { security_keys: 'true' },
    rows: `
      enrolled                        | far         | asked              asked              security_key       asked
      enrolled                        | far6        | asked              asked              security_key       asked
      enrolled                        | loopback    | asked              asked              security_key       asked
      enrolled, locked                | far         | locked_account
      enrolled, damaged               | far         | unreadable_account
      enrolled, exempt                | far         | exempt_account
      no device                       | far         | no_device`,
  },
  {
    name: 'a FIDO key that was touched is enough, but not without a device',
    settings: { security_keys: 'true', unenrolled: 'deny' },
    rows: `
      enrolled                        | far         | asked              asked              security_key       asked
      no device                       | far         | no_device`,
  },
  {
    name: 'a code is remembered',
    settings: { remember: '12h' },
    rows: `
      enrolled                        | far         | asked
      enrolled, known at far          | far         | remembered_address
      enrolled, known at far6         | far6        | remembered_address
      enrolled, known at far          | office      | asked
      enrolled, known at far          | loopback    | asked
      enrolled, known at loopback     | loopback    | asked
      no device                       | far         | no_device`,
  },
  {
    name: 'codes are not asked for by SSH',
    settings: { 'services.ssh': 'false' },
    rows: `
      enrolled                        | far         | service_off
      enrolled, locked                | far         | service_off
      enrolled, damaged               | far         | service_off
      no device                       | far         | service_off`,
  },
  {
    name: 'codes are off',
    settings: { enabled: 'false' },
    rows: `
      enrolled                        | far         | off
      enrolled, locked                | far         | off
      enrolled, damaged               | far         | off
      no device                       | far         | off`,
  },
];

/** A line of a section, read. */
export type Row = {
  /** As it is written, to be found again. */
  readonly account: string;
  readonly from: Place;
  readonly cells: readonly { readonly by: By; readonly rule: RuleName }[];
  readonly enrolled: boolean;
  readonly exempt: boolean;
  readonly locked: boolean;
  readonly damaged: boolean;
  readonly groups: readonly string[];
  readonly primary?: string;
  /** Where a code was given before. */
  readonly knownAt?: Place;
};

const ways: readonly By[] = ['password', 'key', 'security_key', 'touchless'];

/** Reads the lines of a section; throws at a word that it does not know. */
export function readRows({ rows }: Section): readonly Row[] {
  return rows
    .trim()
    .split('\n')
    .map((line) => {
      const [account = '', from = '', cells = ''] = line.split('|').map((part) => part.trim());
      const words = account.split(', ');
      const after = (start: string) =>
        words.flatMap((word) => (word.startsWith(start) ? word.slice(start.length) : []));
      const rules = cells.split(/\s+/) as RuleName[];
      const [primary] = after('mainly ');
      const [knownAt] = after('known at ');
      for (const word of words) {
        if (!/^(enrolled|no device|exempt|locked|damaged|in \S+|mainly \S+|known at \S+)$/.test(word))
          throw new Error(`what is "${word}"?`);
      }
      return {
        account,
        from: from as Place,
        cells: ways.map((by, index) => ({
          by,
          rule: (rules.length === 1 ? rules[0] : rules[index]) as RuleName,
        })),
        enrolled: words.includes('enrolled'),
        exempt: words.includes('exempt'),
        locked: words.includes('locked'),
        damaged: words.includes('damaged'),
        groups: after('in '),
        ...(primary === undefined ? {} : { primary }),
        ...(knownAt === undefined ? {} : { knownAt: knownAt as Place }),
      };
    });
}
