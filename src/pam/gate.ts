import type { Account } from '../domain/account.ts';
import { countLeftMs } from '../domain/deadline.ts';
import type { Settings } from '../domain/settings.ts';
import { settleTimers } from '../domain/timers.ts';
import { unknownAccount, type Verification, verifyToken } from '../domain/two-factor/verify.ts';
import { isPosternError } from '../errors.ts';
import type { Store, StoreChange, StoreTransaction } from '../ports.ts';
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
        const reason = await findReasonToSkip(ports, store, signIn);
        if (reason === undefined) return { ask: true };
        recordSignIn(ports, signIn, { outcome: 'done', details: { skipped: reason } });
        return { ask: false, log: renderLogLine(signIn, 'skipped', reason) };
      } catch {
        // A store that cannot be read is met as an account that does not exist; `accept` says why.
        return { ask: true };
      }
    },
    async accept(signIn, token) {
      const startMs = ports.timer.elapsedMs();
      const answer = await decide(ports, signIn, token);
      const restMs = refusalFloorMs - (ports.timer.elapsedMs() - startMs);
      if (!answer.accepted && restMs > 0) await ports.timer.pause(restMs);
      return answer;
    },
  };
}

/** Why this sign-in needs no code; undefined: it needs one, if only to be refused. */
async function findReasonToSkip(ports: PamPorts, store: Store, signIn: SignIn): Promise<string | undefined> {
  // A store that is gone says nothing about what was switched on in it.
  if (!store.exists()) return undefined;
  const { two_factor } = await settle(ports, store);
  if (!two_factor.enabled || !two_factor.services.ssh) return 'two-factor authentication is off';
  const account = store.account(signIn.username);
  const mayPass = two_factor.unenrolled === 'allow' && signIn.isSystemAccount && !account?.locked;
  // Any device, one that is not confirmed yet included: its first code confirms it.
  const hasDevice = account !== undefined && account.devices.length > 0;
  return mayPass && !hasDevice ? 'the account has no device' : undefined;
}

/**
 * The settings as they stand now. Those that a due timer changes are followed at once, also where nothing can be
 * stored (a full disk); storing them, and changing the system with them, is the work of another process.
 */
async function settle(ports: PamPorts, store: Store): Promise<Settings> {
  const stored = store.settings();
  const settled = settleTimers(stored, ports.clock.nowMs(), ports.clock.boot);
  if (settled !== stored) await ports.startTimers(store.directory);
  return settled;
}

async function decide(ports: PamPorts, signIn: SignIn, token: string) {
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
  const stored = transaction.account(signIn.username);
  const verification = verifyToken(stored ?? unknownAccount(), token, {
    nowMs,
    windowSteps: settings.two_factor.window,
    // For the log alone.
    explain: {},
  });
  if (stored === undefined) return { ...verification, outcome: { valid: false, reason: 'not_enrolled' } };
  const isKept = verification.outcome.valid && keepsPending(ports, stored, settings);
  if (isKept) await ports.keepSwitchOn(signIn.stateDirectory);
  if (verification.account !== stored || isKept) {
    const change: StoreChange = {
      accounts: new Map([[signIn.username, verification.account]]),
      ...(isKept ? { settings: { ...settings, pending: null } } : {}),
    };
    transaction.save(change, () => record(verification.outcome));
  }
  return verification;
}

/** An administrator who got in with a code has shown that the change to be confirmed locks nobody out. */
function keepsPending({ clock }: PamPorts, account: Account, { pending }: Settings): boolean {
  if (!account.admin || pending?.reason !== 'confirm_within') return false;
  return countLeftMs(pending, clock.nowMs(), clock.boot?.()) > 0;
}
