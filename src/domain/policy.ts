import type { Account } from './account.ts';
import { type Address, findNetwork, isOwnAddress, readAddress } from './addresses.ts';
import { isRemembered, type Moment } from './remembered.ts';
import type { Service, Settings } from './settings.ts';

/** What is done with a sign-in. `not_asked`: as if Postern were not there. `refused`: asked, and no code is right. */
export type Answer = 'asked' | 'not_asked' | 'refused' | 'enroll';

/** The rules, in the order in which the first that concerns a sign-in decides. */
export const rules = [
  'off',
  'service_off',
  'unreadable_account',
  'unknown_account',
  'locked_account',
  'exempt_account',
  'exempt_group',
  'exempt_network',
  'no_device',
  'security_key',
  'remembered_address',
  'asked',
] as const;

export type Rule = (typeof rules)[number];
export type Decision = {
  readonly answer: Answer;
  readonly rule: Rule;
  /** The group or the network that is exempt. */
  readonly exempt?: string;
};

/** How someone has proved who they are before a code is asked for. */
export type FirstFactor = 'password' | 'key' | 'security_key';

/** A sign-in, as the machine sees it. */
export type SignInFacts = Moment & {
  readonly service: Service;
  /** Those of `exempt_groups` that the system counts the account among. */
  readonly groups: readonly string[];
  /** The address, as sshd gives it; null: unknown. A host name is no address. */
  readonly from: string | null;
  /** `security_key`: a FIDO key that was touched. */
  readonly by: FirstFactor;
  /** Addresses of the machine's own interfaces. */
  readonly ownAddresses: readonly string[];
};

/**
 * The account that signs in. undefined: Postern has none of that name. `unreadable`: its file is damaged or gone.
 * `unknown`: the system has no such account.
 */
export type AccountState<A = Account> = A | undefined | 'unreadable' | 'unknown';

/** What of an account decides, wherever it comes from; the roster holds these for every account. */
export type AskedFacts = { readonly locked: boolean; readonly exempt: boolean; readonly hasDevice: boolean };

/** Decides on a sign-in: the one policy of every service, of `status`, of `explain` and of sshd's drop-in. */
export function decide(settings: Settings, account: AccountState, signIn: SignInFacts): Decision {
  const { two_factor } = settings;
  const byFacts = decideByFacts(settings, signIn.service, factsOf(account));
  if (byFacts.rule !== 'no_device' && byFacts.rule !== 'asked') return byFacts;
  const group = two_factor.exempt_groups.find((each) => signIn.groups.includes(each));
  if (group !== undefined) return { ...pass('exempt_group'), exempt: group };
  const address = addressOf(signIn);
  const network = address && findNetwork(address, two_factor.exempt_networks);
  if (network !== undefined) return { ...pass('exempt_network'), exempt: network };
  if (byFacts.rule === 'no_device') return byFacts;
  if (two_factor.security_keys && signIn.by === 'security_key') return pass('security_key');
  const isKnown = address && typeof account === 'object' && isRemembered(account, address, settings, signIn);
  return isKnown ? pass('remembered_address') : byFacts;
}

/**
 * Decides by the account alone: what `decide` answers where no group, network, key and earlier code says otherwise.
 * Where the rule is `no_device` or `asked`, those can.
 */
export function decideByFacts(
  settings: Settings,
  service: Service,
  facts: AccountState<AskedFacts>,
): Decision {
  const { enabled, services, unenrolled } = settings.two_factor;
  if (!enabled) return pass('off');
  if (!services[service]) return pass('service_off');
  if (facts === 'unreadable') return { answer: 'refused', rule: 'unreadable_account' };
  if (facts === 'unknown') return { answer: 'refused', rule: 'unknown_account' };
  if (facts?.locked) return { answer: 'refused', rule: 'locked_account' };
  if (facts?.exempt) return pass('exempt_account');
  if (facts?.hasDevice) return { answer: 'asked', rule: 'asked' };
  const answers = { allow: 'not_asked', deny: 'refused', enroll: 'enroll' } as const;
  return { answer: answers[unenrolled], rule: 'no_device' };
}

/** Whether sshd must let Postern have its say on an account, by the account alone. */
export function isAskedByFacts(
  settings: Settings,
  service: Service,
  facts: AccountState<AskedFacts>,
): boolean {
  return decideByFacts(settings, service, facts).answer !== 'not_asked';
}

/**
 * How an account stands to sshd's list of names, whatever the settings: `asked`, for it has a device, if only one that
 * is not confirmed yet, or is to be refused; `exempt`; or `open`, where `unenrolled` decides.
 */
export function standingOf({ locked, exempt, hasDevice }: AskedFacts): 'asked' | 'exempt' | 'open' {
  if (locked) return 'asked';
  if (exempt) return 'exempt';
  return hasDevice ? 'asked' : 'open';
}

/** The address of a sign-in, where it can be exempt or remembered: it is one, and not the machine's own. */
export function addressOf({
  from,
  ownAddresses,
}: Pick<SignInFacts, 'from' | 'ownAddresses'>): Address | undefined {
  const address = from === null ? undefined : readAddress(from);
  return address === undefined || isOwnAddress(address, ownAddresses) ? undefined : address;
}

/** What of an account decides before anything else does. */
export function factsOf(account: AccountState): AccountState<AskedFacts> {
  if (typeof account !== 'object') return account;
  // Any device, one that is not confirmed yet included: its first code confirms it.
  return { locked: account.locked, exempt: account.exempt ?? false, hasDevice: account.devices.length > 0 };
}

/** Why a sign-in needs no code, for logs. */
export function describePass({ rule, exempt }: Decision): string {
  const reasons: Partial<Record<Rule, string>> = {
    off: 'two-factor authentication is off',
    service_off: 'codes are off for this service',
    exempt_account: 'exempt account',
    exempt_group: `exempt group ${exempt}`,
    exempt_network: `exempt network ${exempt}`,
    no_device: 'the account has no device',
    security_key: 'security key',
    remembered_address: 'a code was given from this address before',
  };
  return reasons[rule] ?? rule;
}

function pass(rule: Rule): Decision {
  return { answer: 'not_asked', rule };
}
