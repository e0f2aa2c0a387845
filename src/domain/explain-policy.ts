import { readAddress } from './addresses.ts';
import { addressOf, type Decision, type SignInFacts } from './policy.ts';
import type { Settings } from './settings.ts';

/** Why a decision is what it is, as a clause. `damage`: why the account cannot be read. */
export function explainDecision(
  { rule, exempt, answer }: Decision,
  settings: Settings,
  signIn: SignInFacts,
  damage?: string,
): string {
  const { unenrolled } = settings.two_factor;
  switch (rule) {
    case 'off':
      return 'two-factor authentication is off';
    case 'service_off':
      return `codes are off for this service: services.${signIn.service}=false`;
    case 'unreadable_account':
      return damage ?? 'the account cannot be read';
    case 'unknown_account':
      return 'the system has no such account';
    case 'locked_account':
      return 'the account is locked, and no code of it is accepted';
    case 'exempt_account':
      return 'the account is exempt';
    case 'exempt_group':
      return `the account is in the exempt group ${exempt}`;
    case 'exempt_network':
      return `the address is in the exempt network ${exempt}`;
    case 'no_device':
      return `the account has no device, and unenrolled=${unenrolled}`;
    case 'security_key':
      return 'a FIDO key that is touched needs no code: security_keys=true';
    case 'remembered_address':
      return 'a code was given from this address before: remember';
    case 'asked':
      return explainAsked(settings, signIn, answer);
    default:
      return rule satisfies never;
  }
}

/** Where an address could have exempted someone and does not, it is named. */
function explainAsked({ two_factor }: Settings, signIn: SignInFacts, answer: Decision['answer']): string {
  const reason = `the account has a device, and no rule exempts this sign-in`;
  const isAddressAsked = two_factor.exempt_networks.length > 0 || two_factor.remember > 0;
  if (answer !== 'asked' || !isAddressAsked || signIn.from === null) return reason;
  if (readAddress(signIn.from) === undefined) return `${reason}: where it comes from is no address`;
  return addressOf(signIn) ? reason : `${reason}: an address of this machine itself is never exempt`;
}
