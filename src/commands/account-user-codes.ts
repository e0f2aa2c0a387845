import type { Account } from '../domain/account.ts';
import { writeWord } from '../domain/two-factor/names.ts';
import { PosternError } from '../errors.ts';
import { text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand, type Snapshot } from '../registry/spec.ts';
import {
  answerAccountChange,
  deviceParam,
  requireAccount,
  usernameOrRoot,
  usernameParam,
} from './account.ts';

const tokenParam = {
  kind: text('a code', '123456'),
  brief: 'the code on the authenticator; - reads it from standard input',
  secret: true,
  stdin: true,
  positional: true,
  required: true,
} as const;

const confirm = defineCommand({
  path: ['account', 'user', 'confirm_2fa_secret'],
  brief: 'Confirm a device by its first code.',
  effect: 'write',
  params: {
    username: { ...usernameParam, required: true },
    token: tokenParam,
    device: { ...deviceParam, positional: true },
  },
  examples: [
    { line: 'account user confirm_2fa_secret username=ben token=111111', note: 'This uses up the code.' },
  ],
  run: async ({ username, token, device }, snapshot) => {
    const { confirmDevice } = await import('../domain/two-factor/verify.ts');
    const before = requireAccount(snapshot, username);
    const { account, outcome } = confirmDevice(before, {
      device,
      token,
      nowMs: snapshot.nowMs,
      windowSteps: snapshot.settings.two_factor.window,
    });
    if (outcome.valid)
      return answerAccountChange(before, account, {
        data: { username, device, drift_steps: outcome.drift_steps },
      });
    const { explainRefusal } = await import('../domain/two-factor/explain.ts');
    throw new PosternError({
      code: `code.${outcome.reason}`,
      message:
        outcome.reason === 'malformed'
          ? `type the ${digitsOf(before, device)} digits that the app shows`
          : explainRefusal(outcome, snapshot.nowMs),
      hint: `account user confirm_2fa_secret username=${writeWord(username)} token=-${device === 'default' ? '' : ` device=${writeWord(device)}`}`,
    });
  },
});

const verify = defineCommand({
  path: ['account', 'user', 'verify_twofactor_token'],
  aliases: [['auth', 'two_factor', 'verify']],
  brief: 'Check a code and use it up; explain why it is refused.',
  effect: 'write',
  params: { username: usernameOrRoot, token: tokenParam },
  examples: [
    {
      line: 'account user verify_twofactor_token username=ann token=123456',
      note: 'Exits 0 if the code is valid, else 1.',
    },
  ],
  run: async ({ username, token }, snapshot) => {
    const { verifyToken } = await import('../domain/two-factor/verify.ts');
    const before = requireAccount(snapshot, username);
    const { account, outcome } = verifyToken(before, token, {
      nowMs: snapshot.nowMs,
      windowSteps: snapshot.settings.two_factor.window,
      explain: { otherAccounts: otherAccounts(snapshot, username) },
    });
    const change = account === before ? {} : { accounts: new Map([[username, account]]) };
    if (outcome.valid) {
      const text = outcome.recovery_code ? 'valid (a recovery code)' : `valid (device ${outcome.device})`;
      const { recovery_code, ...data } = outcome;
      return {
        change,
        view: { shape: 'text', text, data: recovery_code ? { ...data, recovery_code } : data },
      };
    }
    const { explainRefusal, refusalView } = await import('../domain/two-factor/explain.ts');
    return {
      change,
      view: {
        shape: 'text',
        text: explainRefusal(outcome, snapshot.nowMs),
        data: refusalView(outcome),
        exitCode: 1,
      },
    };
  },
});

function digitsOf({ devices }: Account, name: string): number {
  return devices.find((device) => device.name === name)?.otp_digits ?? 6;
}

/** Looked through only for a wrong code, and only so far that a large appliance does not wait for it. */
const mostOtherAccounts = 1000;

function* otherAccounts(snapshot: Snapshot, username: string) {
  for (const name of snapshot.accountNames().slice(0, mostOtherAccounts)) {
    if (name === username) continue;
    try {
      const account = snapshot.account(name);
      if (account) yield account;
    } catch {
      // A damaged account cannot explain anything; its own commands report it.
    }
  }
}

/** What is done with a code. */
export const userCodeCommands: readonly CommandSpec[] = [confirm, verify];
