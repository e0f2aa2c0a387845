import { isPosternError } from '../errors.ts';
import type { Account, ReadAccount } from './account.ts';

type Reader = { account(username: string): Account | undefined };

/** An account, or why it cannot be read: a damaged one must not hide the others. */
export function readAccount(accounts: Reader, name: string): ReadAccount {
  try {
    return { name, account: accounts.account(name) };
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return { name, account: undefined, damage: error.message };
  }
}

/** Whether it is the error of an account of which no good copy is left. */
export function isLoss(error: unknown): boolean {
  return isPosternError(error) && error.code === 'store.damaged';
}

/** An account; `lost`: its file is damaged for good, so that it can be replaced or removed, and nothing else. */
export function readOrLost(accounts: Reader, name: string): Account | 'lost' | undefined {
  try {
    return accounts.account(name);
  } catch (error) {
    if (isLoss(error)) return 'lost';
    throw error;
  }
}
