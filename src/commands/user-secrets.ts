import { writeWord } from '../domain/two-factor/names.ts';
import { PosternError } from '../errors.ts';
import type { Enrolment, JsonObject } from '../output/view.ts';
import { integer, text } from '../registry/kinds.ts';
import { type At, type CommandSpec, defineCommand, type WriteResult } from '../registry/spec.ts';
import {
  answerAccountChange,
  deviceParam,
  requireAccount,
  usernameParam,
  warnIfNobodyEnrolled,
} from './account.ts';

const enrol = () => import('../domain/two-factor/enrol.ts');

/** The older generation's commands work on root unless told otherwise. */
const usernameOrRoot = { ...usernameParam, default: 'root' } as const;

const secretParams = {
  username: usernameOrRoot,
  device: deviceParam,
  otp_digits: {
    kind: integer({ min: 6, max: 8 }),
    brief: 'digits of its codes (else as in auth two_factor config)',
  },
  interval: {
    kind: integer({ min: 15, max: 300, unit: 'seconds' }),
    brief: 'its time step (else as in auth two_factor config)',
  },
  secret: {
    kind: text('a secret in base32, or an otpauth:// URI', '-'),
    brief: 'a secret to import instead of a new one; - reads it from standard input',
    secret: true,
    stdin: true,
  },
} as const;

const renew = defineCommand({
  path: ['account', 'user', 'renew_2fa_secret'],
  aliases: [['auth', 'two_factor', 'renew_secret']],
  brief: 'Give an account a new secret and new recovery codes; the old ones stop working at once.',
  details:
    'Shows the QR code, the key, the URI and ten recovery codes, once. On a terminal it then asks for the first code and so confirms the device.',
  effect: 'write',
  params: secretParams,
  examples: [
    { line: 'account user renew_2fa_secret username=root', note: 'A new secret for root.' },
    {
      line: 'account user renew_2fa_secret username=ann otp_digits=8 interval=60',
      note: 'For an authenticator that knows both.',
    },
  ],
  confirm: ({ username, device }, at) => {
    const present = at.account(username)?.devices.find(({ name }) => name === device);
    return present
      ? `the present secret of ${username} (device ${device}) and its recovery codes stop working at once`
      : undefined;
  },
  run: async (input, at) => {
    const { renewSecret } = await enrol();
    const before = requireAccount(at, input.username);
    const enrolled = renewSecret(before, orderOf(input, at));
    return answerEnrolment(at, before, enrolled);
  },
});

const add = defineCommand({
  path: ['account', 'user', 'add_2fa_device'],
  brief: 'Add a further authenticator with a secret of its own.',
  effect: 'write',
  params: {
    ...secretParams,
    username: { ...usernameParam, required: true },
    device: { ...deviceParam, positional: true },
  },
  examples: [
    { line: 'account user add_2fa_device username=ann device=tablet', note: 'Either device then signs in.' },
  ],
  run: async (input, at) => {
    const { addDevice } = await enrol();
    const before = requireAccount(at, input.username);
    return answerEnrolment(at, before, addDevice(before, orderOf(input, at)));
  },
});

type SecretInput = {
  readonly username: string;
  readonly device: string;
  readonly otp_digits?: number;
  readonly interval?: number;
  readonly secret?: string;
};

function orderOf({ device, otp_digits, interval, secret }: SecretInput, at: At) {
  const { two_factor } = at.settings;
  return {
    device,
    secret,
    otp_digits: otp_digits ?? two_factor.otp_digits,
    interval: interval ?? two_factor.interval,
    issuer: two_factor.issuer,
    random: at.random,
    nowMs: at.nowMs,
  };
}

type Enrolled = {
  readonly account: ReturnType<typeof requireAccount>;
  readonly enrolment: Enrolment;
  readonly warnings: readonly string[];
};

function answerEnrolment(
  at: At,
  before: Enrolled['account'],
  { account, enrolment, warnings }: Enrolled,
): WriteResult {
  return answerAccountChange(before, account, {
    warnings: [...warnings, ...warnIfNobodyEnrolled(at, account, account.username)],
    data: describeEnrolment(enrolment),
    enrolment,
  });
}

function describeEnrolment(enrolment: Enrolment): JsonObject {
  return {
    username: enrolment.username,
    device: enrolment.device,
    secret: enrolment.secret,
    provisioning_uri: enrolment.uri,
    algorithm: 'SHA1',
    otp_digits: enrolment.digits,
    interval: enrolment.periodSeconds,
    recovery_codes: enrolment.recoveryCodes,
  };
}

const remove = defineCommand({
  path: ['account', 'user', 'remove_2fa_device'],
  brief: 'Remove one authenticator of an account.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true }, device: { ...deviceParam, positional: true } },
  examples: [
    {
      line: 'account user remove_2fa_device username=ben device=default',
      note: 'Its codes stop working at once.',
    },
  ],
  confirm: ({ username, device }, at) =>
    at.account(username)?.devices.some(({ name }) => name === device)
      ? `device ${device} of ${username} stops working at once`
      : undefined,
  run: async ({ username, device }, at) => {
    const { removeDevice } = await enrol();
    const before = requireAccount(at, username);
    const after = removeDevice(before, device);
    return answerAccountChange(before, after, { warnings: warnIfNobodyEnrolled(at, after, username) });
  },
});

const unset = defineCommand({
  path: ['account', 'user', 'unset_2fa_secret'],
  brief: 'Remove every device and recovery code of an account.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true } },
  examples: [{ line: 'account user unset_2fa_secret ben', note: 'The account is no longer enrolled.' }],
  confirm: ({ username }, at) => {
    const account = at.account(username);
    const { length } = account?.devices ?? [];
    return length > 0
      ? `${username} loses ${length === 1 ? 'the only device' : `all ${length} devices`} and every recovery code`
      : undefined;
  },
  run: async ({ username }, at) => {
    const { unsetSecrets } = await enrol();
    const before = requireAccount(at, username);
    const after = unsetSecrets(before);
    return answerAccountChange(before, after, {
      warnings: after === before ? [] : warnIfNobodyEnrolled(at, after, username),
    });
  },
});

const renewCodes = defineCommand({
  path: ['account', 'user', 'renew_recovery_codes'],
  brief: 'Make ten new recovery codes; the former ones are void.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true } },
  examples: [
    { line: 'account user renew_recovery_codes ben', note: 'Shown once; kept only as salted hashes.' },
  ],
  confirm: ({ username }, at) => {
    const left = at.account(username)?.recovery_codes.length ?? 0;
    return left > 0 ? `the ${left} recovery codes that ${username} has left become void` : undefined;
  },
  run: async ({ username }, at) => {
    const { renewRecoveryCodes } = await enrol();
    const before = requireAccount(at, username);
    const { account, recoveryCodes } = renewRecoveryCodes(before, at.random);
    return answerAccountChange(before, account, { data: { username, recovery_codes: recoveryCodes } });
  },
});

const show = defineCommand({
  path: ['account', 'user', 'show_2fa_qr'],
  brief: 'Show the present secret of a device again, as QR code, key and URI.',
  effect: 'read',
  audited: true,
  params: { username: { ...usernameParam, required: true }, device: { ...deviceParam, positional: true } },
  examples: [
    {
      line: 'account user show_2fa_qr ben',
      note: 'For a second phone, or a screen that was closed too soon.',
    },
  ],
  run: async ({ username, device }, at) => {
    const { enrolment, warnings } = (await enrol()).enrolmentOf(
      requireAccount(at, username),
      device,
      at.settings.two_factor.issuer,
    );
    const { recovery_codes: _, ...data } = describeEnrolment(enrolment);
    return { shape: 'record', data, enrolment, warnings };
  },
});

const uri = defineCommand({
  path: ['account', 'user', 'provisioning_uri'],
  aliases: [['auth', 'two_factor', 'provisioning_uri']],
  brief: 'Show the URI of a device.',
  effect: 'read',
  audited: true,
  params: { username: usernameOrRoot, device: { ...deviceParam, positional: true } },
  examples: [
    {
      line: 'account user provisioning_uri username=ben',
      note: 'To hand on to a QR program; it holds the secret.',
    },
  ],
  run: async ({ username, device }, at) => {
    const { enrolment, warnings } = (await enrol()).enrolmentOf(
      requireAccount(at, username),
      device,
      at.settings.two_factor.issuer,
    );
    return { shape: 'record', data: { username, device, provisioning_uri: enrolment.uri }, warnings };
  },
});

const config = defineCommand({
  path: ['account', 'user', 'twofactor_config'],
  brief: 'Show the two-factor parameters of an account, its secrets included.',
  effect: 'read',
  audited: true,
  params: { username: { ...usernameParam, required: true }, device: { ...deviceParam, positional: true } },
  examples: [{ line: 'account user twofactor_config ben', note: 'All that an authenticator needs.' }],
  run: async ({ username, device }, at) => {
    const account = requireAccount(at, username);
    const { enrolment, warnings } = (await enrol()).enrolmentOf(
      account,
      device,
      at.settings.two_factor.issuer,
    );
    const { recovery_codes: _, ...data } = describeEnrolment(enrolment);
    const confirmed = account.devices.find(({ name }) => name === device)?.confirmed ?? false;
    return { shape: 'record', data: { ...data, confirmed, window: at.settings.two_factor.window }, warnings };
  },
});

const tokenParam = {
  kind: text('a code', '123456'),
  brief: 'the code that the authenticator shows; - reads it from standard input',
  secret: true,
  stdin: true,
  positional: true,
  required: true,
} as const;

const confirm = defineCommand({
  path: ['account', 'user', 'confirm_2fa_secret'],
  brief: 'Confirm a device by the first code it shows.',
  effect: 'write',
  params: {
    username: { ...usernameParam, required: true },
    token: tokenParam,
    device: { ...deviceParam, positional: true },
  },
  examples: [
    { line: 'account user confirm_2fa_secret username=ben token=111111', note: 'The code is used up by it.' },
  ],
  run: async ({ username, token, device }, at) => {
    const { confirmDevice } = await enrol();
    const before = requireAccount(at, username);
    const { account, outcome } = confirmDevice(before, {
      device,
      token,
      nowMs: at.nowMs,
      windowSteps: at.settings.two_factor.window,
    });
    if (outcome.valid)
      return answerAccountChange(before, account, {
        data: { username, device, drift_steps: outcome.drift_steps },
      });
    const { explainRefusal } = await import('../domain/two-factor/refusal.ts');
    throw new PosternError({
      code: `code.${outcome.reason}`,
      message: `device ${device} of ${username} is not confirmed: ${explainRefusal(outcome, at.nowMs)}`,
      hint: `account user confirm_2fa_secret username=${writeWord(username)} token=-`,
    });
  },
});

const verify = defineCommand({
  path: ['account', 'user', 'verify_twofactor_token'],
  aliases: [['auth', 'two_factor', 'verify']],
  brief: 'Check a code, and use it up; a refused one is explained.',
  effect: 'write',
  params: { username: usernameOrRoot, token: tokenParam },
  examples: [
    {
      line: 'account user verify_twofactor_token username=ann token=123456',
      note: 'Exit code 0 when the code is valid, else 1.',
    },
  ],
  run: async ({ username, token }, at) => {
    const { verifyToken } = await import('../domain/two-factor/verify.ts');
    const before = requireAccount(at, username);
    const { account, outcome } = verifyToken(before, token, {
      nowMs: at.nowMs,
      windowSteps: at.settings.two_factor.window,
      explain: { otherAccounts: otherAccounts(at, username) },
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
    const { explainRefusal, refusalView } = await import('../domain/two-factor/refusal.ts');
    return {
      change,
      view: {
        shape: 'text',
        text: `not valid: ${explainRefusal(outcome, at.nowMs)}`,
        data: refusalView(outcome),
        exitCode: 1,
      },
    };
  },
});

/** Looked through only for a wrong code, and only so far that a large appliance does not wait for it. */
const mostOtherAccounts = 1000;

function* otherAccounts(at: At, username: string) {
  for (const name of at.accountNames().slice(0, mostOtherAccounts)) {
    if (name === username) continue;
    try {
      const account = at.account(name);
      if (account) yield account;
    } catch {
      // A damaged account cannot explain anything; its own commands report it.
    }
  }
}

export const userSecretCommands: readonly CommandSpec[] = [
  renew,
  add,
  confirm,
  verify,
  show,
  uri,
  config,
  renewCodes,
  remove,
  unset,
];
