import { type Account, type Device, forgetAddresses } from '../account.ts';
import { stepAt } from './totp.ts';
import { type Forgotten, isSameSecret, lastUsedStep, rememberSecrets, replaceDevices } from './used-steps.ts';

/**
 * What an account from a backup becomes where the present one is lost: as below, but without recovery codes, for nobody
 * knows which of them were used. `forgotten` says when it was lost.
 */
export function importOverLost(imported: Account, nowMs: number, forgotten: Forgotten): Account {
  return { ...mergeImportedAccount(undefined, imported, nowMs, forgotten), recovery_codes: [] };
}

/**
 * What an account from a backup becomes where `present` is the account as it is. Its devices replace the present
 * ones, with every code up to now used up (which codes were used since the backup is not known), and what is known of
 * `forgotten` secrets, those of deleted accounts. Recovery codes of an
 * account that has or had devices stay the present ones: the backup's may have been used or voided since. Failures,
 * lockouts and locks are the stricter of both.
 */
export function mergeImportedAccount(
  present: Account | undefined,
  imported: Account,
  nowMs: number,
  forgotten: Forgotten = {},
): Account {
  const known = present === undefined ? imported : rememberSecrets(present, imported.retired_secrets ?? []);
  const devices = imported.devices.map((device) => voidPastCodes(known, device, nowMs, forgotten));
  const merged = { ...forgetAddresses(replaceDevices(known, devices)), ...pickIdentity(imported) };
  if (present === undefined) return merged;
  return {
    ...merged,
    recovery_codes: hadDevices(present) ? present.recovery_codes : imported.recovery_codes,
    locked: present.locked || imported.locked,
    failures: Math.max(present.failures, imported.failures),
    lockouts: Math.max(present.lockouts, imported.lockouts),
    locked_until_ms: latest(present.locked_until_ms, imported.locked_until_ms),
  };
}

function voidPastCodes(known: Account, device: Device, nowMs: number, forgotten: Forgotten): Device {
  const twin = known.devices.find((candidate) => isSameSecret(candidate.secret, device.secret));
  const used = lastUsedStep(known, device.secret, device.interval, forgotten);
  return {
    ...device,
    confirmed: device.confirmed || twin?.confirmed === true,
    last_used_step: Math.max(stepAt(nowMs, device.interval), used ?? 0, device.last_used_step ?? 0),
    last_used_ms: latest(device.last_used_ms, twin?.last_used_ms ?? null),
  };
}

function pickIdentity({
  username,
  full_name,
  admin,
  exempt = false,
}: Account): Pick<Account, 'username' | 'full_name' | 'admin' | 'exempt'> {
  return { username, full_name, admin, exempt };
}

function hadDevices(account: Account): boolean {
  return account.devices.length > 0 || (account.retired_secrets ?? []).length > 0;
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
