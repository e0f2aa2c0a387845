import { PosternError } from '../../errors.ts';
import type { Account, Device } from '../account.ts';
import { writeWord } from './names.ts';
import { makeRecoveryCodes, type RandomBytes } from './recovery-codes.ts';
import { replaceDevices } from './used-steps.ts';

/** Devices of one account: each makes a guess likelier to fit. */
export const maxDevices = 8;

/** The device of that name. Errors: `not_found.device`, naming those that are there. */
export function findDevice(account: Account, name: string): Device {
  const device = account.devices.find((candidate) => candidate.name === name);
  if (device !== undefined) return device;
  const names = account.devices.map((candidate) => `device=${candidate.name}`);
  throw new PosternError({
    code: 'not_found.device',
    message: `${account.username} has no device named '${name}'`,
    hint:
      names.length > 0
        ? `use ${names.join(' or ')}`
        : `account user renew_2fa_secret username=${writeWord(account.username)}`,
  });
}

/**
 * The account without one device. With the last device go the recovery codes, which stand in for nothing any more.
 * Errors: `not_found.device`.
 */
export function removeDevice(account: Account, name: string): Account {
  const device = findDevice(account, name);
  const left = replaceDevices(
    account,
    account.devices.filter((candidate) => candidate !== device),
  );
  return left.devices.length > 0 ? left : { ...left, recovery_codes: [] };
}

/** The account without devices and recovery codes; what is known of used codes stays. Same reference if it has none. */
export function unsetSecrets(account: Account): Account {
  if (account.devices.length === 0 && account.recovery_codes.length === 0) return account;
  return { ...replaceDevices(account, []), recovery_codes: [] };
}

/** Ten fresh recovery codes; the former are void. Errors: `rule.not_enrolled` where the account has no device. */
export function renewRecoveryCodes(
  account: Account,
  random: RandomBytes,
): { readonly account: Account; readonly recoveryCodes: readonly string[] } {
  if (account.devices.length === 0)
    throw new PosternError({
      code: 'rule.not_enrolled',
      message: `${account.username} has no device, so it needs no recovery codes`,
      hint: `account user renew_2fa_secret username=${writeWord(account.username)}`,
    });
  const { codes, hashes } = makeRecoveryCodes(random);
  return { account: { ...account, recovery_codes: hashes }, recoveryCodes: codes };
}
