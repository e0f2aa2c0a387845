import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account, RememberedAddress } from './account.ts';
import type { Address } from './addresses.ts';
import { type Boot, countLeftMs, makeDeadline } from './deadline.ts';
import type { Settings } from './settings.ts';

/** Addresses of one account that are remembered, the newest. */
const mostRemembered = 16;

export type Moment = { readonly nowMs: number; readonly boot?: Boot | undefined };

/** Whether a code of this account was given from this address within `remember`. */
export function isRemembered(
  account: Account,
  address: Address,
  settings: Settings,
  { nowMs, boot }: Moment,
): boolean {
  const longestMs = settings.two_factor.remember * 1000;
  return (account.remembered_addresses ?? []).some((entry) => {
    // Where it is shorter now than it was then, it counts from the code on.
    const leftMs = countLeftMs(entry, nowMs, boot);
    const ageMs = entry.duration_ms - leftMs;
    const counts = leftMs > 0 && ageMs < longestMs && entry.epoch === (settings.remember_epoch ?? 0);
    return (
      counts &&
      account.devices.some(({ secret }) => isSame(entry.hash, hash(entry.salt, secret, account, address)))
    );
  });
}

/** The account remembering an address from which a code of `device` was given just now; `salt`: 16 random bytes. */
export function rememberAddress(
  account: Account,
  device: string,
  address: Address,
  settings: Settings,
  { nowMs, boot, salt }: Moment & { readonly salt: Uint8Array },
): Account {
  const seconds = settings.two_factor.remember;
  const secret = account.devices.find(({ name }) => name === device)?.secret;
  if (seconds === 0 || secret === undefined) return account;
  const text = Buffer.from(salt).toString('base64');
  const entry: RememberedAddress = {
    ...makeDeadline(seconds, nowMs, boot),
    duration_ms: seconds * 1000,
    epoch: settings.remember_epoch ?? 0,
    salt: text,
    hash: hash(text, secret, account, address),
  };
  const others = (account.remembered_addresses ?? []).filter(
    (former) =>
      countLeftMs(former, nowMs, boot) > 0 &&
      !account.devices.some((each) => isSame(former.hash, hash(former.salt, each.secret, account, address))),
  );
  return { ...account, remembered_addresses: [...others, entry].slice(-mostRemembered) };
}

/**
 * HMAC-SHA-256 keyed by the secret of the device that showed the code. So an entry ends with its secret, is worth
 * nothing in the file of another account, and does not tell the address to whoever has no secret.
 */
function hash(salt: string, secret: string, { username }: Account, { text, zone }: Address): string {
  const words = ['postern remembered address', salt, username, text, zone];
  return createHmac('sha256', secret).update(words.join('\0')).digest('base64');
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
