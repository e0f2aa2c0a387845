import type { Account } from '../domain/account.ts';
import { countLeftMs } from '../domain/deadline.ts';
import {
  type AccountState,
  addressOf,
  type Decision,
  decide,
  describePass,
  type SignInFacts,
} from '../domain/policy.ts';
import { readAccount } from '../domain/read-account.ts';
import { rememberAddress } from '../domain/remembered.ts';
import type { Settings } from '../domain/settings.ts';
import { settleTimers } from '../domain/timers.ts';
import { unknownAccount, type Verification, verifyToken } from '../domain/two-factor/verify.ts';
import { isPosternError } from '../errors.ts';
import type { Store, StoreChange, StoreTransaction } from '../ports/store.ts';
import type { Gate, SignIn } from './conversation.ts';
import { escapeWord, renderLogLine } from './log-line.ts';
import type { PamPorts } from './ports.ts';
import { describeAcceptance, describeRefusal } from './reasons.ts';
import { recordSignIn } from './record.ts';

/** A refusal is never answered sooner than this, so that its time does not tell what kind of account it met. */
const refusalFloorMs = 400;

/** The gate of a real store. Whatever fails in it denies: the code is then neither used up nor accepted. */
export function openGate(ports: PamPorts): Gate {
  return {
    async admit(signIn) {
      try {
        const store = ports.openStore(signIn.stateDirectory);
        const decision = await judge(ports, store, signIn);
        if (decision.answer !== 'not_asked') return { ask: true };
        const reason = describePass(decision);
        recordSignIn(ports, signIn, { outcome: 'done', details: { skipped: reason, rule: decision.rule } });
        return { ask: false, log: renderLogLine(signIn, 'skipped', reason) };
      } catch {
        // A store that cannot be read is met as an account that does not exist; `accept` says why.
        return { ask: true };
      }
    },
    async accept(signIn, token) {
      const startMs = ports.timer.elapsedMs();
      const answer = await judgeToken(ports, signIn, token);
      const restMs = refusalFloorMs - (ports.timer.elapsedMs() - startMs);
      if (!answer.accepted && restMs > 0) await ports.timer.pause(restMs);
      return answer;
    },
  };
}

/** What the policy says of a sign-in. Errors: those of the settings, whose reader decides nothing. */
async function judge(ports: PamPorts, store: Store, signIn: SignIn): Promise<Decision> {
  // A store that is gone says nothing about what was switched on in it.
  if (!store.exists()) return { answer: 'refused', rule: 'unreadable_account' };
  const settings = await settle(ports, store);
  const facts = await lookAt(ports, settings, signIn);
  const decision = decide(settings, stateOf(store, signIn), facts);
  if (decision.rule !== 'remembered_address') return decision;
  // Whether this is a copy that was put back, only the store's lock can tell.
  const again = (transaction: StoreTransaction) =>
    decide(
      settleTimers(transaction.settings(), facts.nowMs, ports.clock.boot),
      stateOf(transaction, signIn),
      facts,
    );
  return store.withLock(again, 'sign_in');
}

/** What the machine knows of a sign-in; what no setting asks about is not looked up. */
async function lookAt(ports: PamPorts, { two_factor }: Settings, signIn: SignIn): Promise<SignInFacts> {
  const { exempt_groups, exempt_networks, remember } = two_factor;
  const asksGroups = two_factor.enabled && exempt_groups.length > 0 && signIn.isSystemAccount;
  const asksAddress = two_factor.enabled && (exempt_networks.length > 0 || remember > 0);
  return {
    service: 'ssh',
    groups: asksGroups ? await ports.groupsOf(signIn.username, exempt_groups) : [],
    from: signIn.remoteHost === '' ? null : signIn.remoteHost,
    by: signIn.by,
    ownAddresses: asksAddress ? await ports.ownAddresses() : [],
    nowMs: ports.clock.nowMs(),
    boot: ports.clock.boot?.(),
  };
}

function stateOf(reader: Pick<Store, 'account'>, signIn: SignIn): AccountState {
  if (!signIn.isSystemAccount) return 'unknown';
  const { account, damage } = readAccount(reader, signIn.username);
  return damage === undefined ? account : 'unreadable';
}

/**
 * The settings as they are now. Those that a due timer changes are followed at once, also where nothing can be
 * stored (a full disk); storing them, and changing the system with them, is the work of another process.
 */
async function settle(ports: PamPorts, store: Store): Promise<Settings> {
  const stored = store.settings();
  const settled = settleTimers(stored, ports.clock.nowMs(), ports.clock.boot);
  if (settled !== stored) await ports.startTimers(store.directory);
  return settled;
}

async function judgeToken(ports: PamPorts, signIn: SignIn, token: string) {
  try {
    const store = ports.openStore(signIn.stateDirectory);
    // Locking would make a new store, in which everything is off.
    if (!store.exists()) {
      const reason = `store.missing: there is no store in ${escapeWord(store.directory)}`;
      return { accepted: false, log: renderLogLine(signIn, 'impossible', reason) };
    }
    const record = openRecord(ports, signIn, store);
    const { account, outcome } = await store.withLock(
      (transaction) => useToken(ports, transaction, signIn, token, record),
      'sign_in',
    );
    record(outcome);
    const accepted = outcome.valid;
    const reason = outcome.valid ? describeAcceptance(outcome, account) : describeRefusal(outcome);
    return { accepted, log: renderLogLine(signIn, accepted ? 'accepted' : 'failed', reason) };
  } catch (error) {
    const code = isPosternError(error) ? error.code : 'bug.unexpected';
    recordSignIn(ports, signIn, { outcome: 'failed', code });
    const said = error instanceof Error ? error.message.replace(/[^ -~]/g, '?') : '';
    return { accepted: false, log: renderLogLine(signIn, 'impossible', `${escapeWord(code)}: ${said}`) };
  }
}

type Record = (outcome: Verification['outcome']) => void;

/** Writes the audit line at the first call: before a code is used up, so that no kill leaves one used without a line. */
function openRecord(ports: PamPorts, signIn: SignIn, store: Store): Record {
  let isWritten = false;
  return (outcome) => {
    if (isWritten) return;
    isWritten = true;
    const notices = store.takeNotices();
    recordSignIn(ports, signIn, {
      outcome: outcome.valid ? 'done' : 'refused',
      ...(outcome.valid ? {} : { code: `code.${outcome.reason}` }),
      details: {
        ...(outcome.valid ? { device: outcome.device, recovery_code: outcome.recovery_code } : {}),
        ...(notices.length > 0 ? { notices } : {}),
      },
    });
  };
}

/** Verifies and uses up what was typed, in the store's lock: nobody is told of a success that is not on the disk. */
async function useToken(
  ports: PamPorts,
  transaction: StoreTransaction,
  signIn: SignIn,
  token: string,
  record: Record,
): Promise<Verification> {
  const nowMs = ports.clock.nowMs();
  const settings = transaction.settings();
  // Of a name that the system does not know no code is right.
  const stored = signIn.isSystemAccount ? transaction.account(signIn.username) : undefined;
  const verification = verifyToken(stored ?? unknownAccount(), token, {
    nowMs,
    windowSteps: settings.two_factor.window,
    // For the log alone.
    explain: {},
  });
  if (stored === undefined) return { ...verification, outcome: { valid: false, reason: 'not_enrolled' } };
  const isKept = verification.outcome.valid && keepsPending(ports, stored, settings);
  if (isKept) await ports.keepSwitchOn(signIn.stateDirectory);
  const account = await rememberFrom(ports, signIn, settings, verification);
  if (account !== stored || isKept) {
    const change: StoreChange = {
      accounts: new Map([[signIn.username, account]]),
      ...(isKept ? { settings: { ...settings, pending: null } } : {}),
    };
    transaction.save(change, () => record(verification.outcome));
  }
  return verification;
}

/** The account after a right code, remembering where it came from. A recovery code is for the way back in alone. */
async function rememberFrom(
  ports: PamPorts,
  { remoteHost }: SignIn,
  settings: Settings,
  { account, outcome }: Verification,
): Promise<Account> {
  if (settings.two_factor.remember === 0 || !outcome.valid || outcome.device === null) return account;
  const address = addressOf({ from: remoteHost, ownAddresses: await ports.ownAddresses() });
  if (address === undefined) return account;
  const moment = { nowMs: ports.clock.nowMs(), boot: ports.clock.boot?.(), salt: ports.random.bytes(16) };
  return rememberAddress(account, outcome.device, address, settings, moment);
}

/** An administrator who got in with a code has shown that the change to be confirmed locks nobody out. */
function keepsPending({ clock }: PamPorts, account: Account, { pending }: Settings): boolean {
  if (!account.admin || pending?.reason !== 'confirm_within') return false;
  return countLeftMs(pending, clock.nowMs(), clock.boot?.()) > 0;
}
