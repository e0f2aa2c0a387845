import { type Account, type Device, forgetAddresses } from '../account.ts';
import { codeAtStep } from './totp.ts';

type Hashed = { readonly hash: string };

/** That a code was used: what it belongs to, and until when (Unix time in seconds) codes of it are used up. */
export type Mark = { readonly print: string; readonly seconds: number };

/** Longer than any clock runs: the code of this step tells a secret from others, and is never asked for. */
const unreachedStep = 0xffff_ffff;

/**
 * The account as the marks know it, where they are ahead of what is stored: its state was put back by a copy, and a code
 * used since must not be good again. `find` answers the seconds of a mark, by its print.
 */
export function applyMarks(account: Account, find: (print: string) => number | undefined): Account {
  let isBehind = false;
  const devices = account.devices.map((device) => {
    const step = Math.floor((find(printDevice(account, device)) ?? -1) / device.interval);
    if (step <= (device.last_used_step ?? -1)) return device;
    isBehind = true;
    return { ...device, last_used_step: step };
  });
  const recovery_codes = account.recovery_codes.filter(
    (code) => find(printHash(account, code)) === undefined,
  );
  isBehind ||= recovery_codes.length < account.recovery_codes.length;
  isBehind ||= (account.remembered_addresses ?? []).some(
    (each) => find(printHash(account, each)) !== undefined,
  );
  // What was remembered then may have been ended since.
  return isBehind ? forgetAddresses({ ...account, devices, recovery_codes }) : account;
}

/** The marks that a change of an account leaves: of steps used up, and of recovery codes and remembered addresses that ended. */
export function listMarks(before: Account | undefined, after: Account, nowMs: number): readonly Mark[] {
  const ofDevices = after.devices.flatMap((device) => {
    const step = device.last_used_step;
    const former = before?.devices.find(({ name }) => name === device.name);
    if (step === null || (former?.secret === device.secret && former.last_used_step === step)) return [];
    return [{ print: printDevice(after, device), seconds: step * device.interval }];
  });
  const kept = new Set(listHashed(after).map(({ hash }) => hash));
  const gone = (before ? listHashed(before) : []).filter(({ hash }) => !kept.has(hash));
  const seconds = Math.floor(nowMs / 1000);
  return [...ofDevices, ...gone.map((code) => ({ print: printHash(after, code), seconds }))];
}

function printDevice({ username }: Account, { secret, interval }: Device): string {
  return `${username} ${interval} ${codeAtStep({ secret, otp_digits: 8, interval }, unreachedStep)}`;
}

/** What an account has that ends for good: recovery codes and remembered addresses. */
function listHashed({ recovery_codes, remembered_addresses = [] }: Account): readonly Hashed[] {
  return [...recovery_codes, ...remembered_addresses];
}

function printHash({ username }: Account, { hash }: Hashed): string {
  return `${username} ${hash.slice(0, 12)}`;
}
