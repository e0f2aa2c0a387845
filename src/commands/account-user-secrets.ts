import { readAccount, readOrLost } from '../domain/read-account.ts';
import type { AccountFacts } from '../ports/store.ts';
import { text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand, type Snapshot } from '../registry/spec.ts';
import {
  answerAccountChange,
  deviceParam,
  otpDigits,
  requireAccount,
  timeStep,
  usernameOrRoot,
  usernameParam,
  warnIfNobodyEnrolled,
} from './account.ts';
import { answerEnrolment, orderOf } from './enrolment.ts';

const devices = () => import('../domain/two-factor/devices.ts');
const enrol = () => import('../domain/two-factor/enrol.ts');

const secretParams = {
  username: usernameOrRoot,
  device: deviceParam,
  otp_digits: {
    kind: otpDigits,
    brief: 'digits of its codes (default: as in auth two_factor config)',
  },
  interval: {
    kind: timeStep,
    brief: 'its time step (default: as in auth two_factor config)',
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
  brief: 'Give an account a new secret and new recovery codes. The old ones stop working at once.',
  details:
    'Shows the QR code, the key, the URI and ten recovery codes once. On a terminal it then asks for the first code, which confirms the device.',
  effect: 'write',
  params: secretParams,
  examples: [
    { line: 'account user renew_2fa_secret username=root', note: 'A new secret for root.' },
    {
      line: 'account user renew_2fa_secret username=ann otp_digits=8 interval=60',
      note: 'For an authenticator that supports both.',
    },
  ],
  confirm: ({ username, device }, snapshot) => {
    const account = readOrLost(snapshot, username);
    if (account === 'lost') return `this replaces everything stored for the damaged account ${username}`;
    const present = account?.devices.find(({ name }) => name === device);
    return present
      ? `${username}'s present authenticator (device ${device}) and recovery codes stop working at once`
      : undefined;
  },
  run: async (input, snapshot) => {
    const { createAccount, renewSecret } = await enrol();
    const { username } = input;
    if (readOrLost(snapshot, username) !== 'lost') {
      const before = requireAccount(snapshot, username);
      return answerEnrolment(snapshot, before, renewSecret(before, await orderOf(input, snapshot)));
    }
    const { admin = username === 'root', locked = false } = findFacts(snapshot, username) ?? {};
    const blank = createAccount(username, { admin, locked });
    return answerEnrolment(
      snapshot,
      'lost',
      renewSecret(blank, await orderOf(input, snapshot, snapshot.nowMs)),
    );
  },
});

const add = defineCommand({
  path: ['account', 'user', 'add_2fa_device'],
  brief: 'Add another authenticator, with its own secret.',
  effect: 'write',
  params: {
    ...secretParams,
    username: { ...usernameParam, required: true },
    device: { ...deviceParam, positional: true },
  },
  examples: [
    { line: 'account user add_2fa_device username=ann device=tablet', note: 'Both devices then work.' },
  ],
  run: async (input, snapshot) => {
    const { addDevice } = await enrol();
    const before = requireAccount(snapshot, input.username);
    return answerEnrolment(snapshot, before, addDevice(before, await orderOf(input, snapshot)));
  },
});

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
  confirm: ({ username, device }, snapshot) =>
    readAccount(snapshot, username).account?.devices.some(({ name }) => name === device)
      ? `device ${device} of ${username} stops working at once`
      : undefined,
  run: async ({ username, device }, snapshot) => {
    const { removeDevice } = await devices();
    const before = requireAccount(snapshot, username);
    const after = removeDevice(before, device);
    return answerAccountChange(before, after, { warnings: warnIfNobodyEnrolled(snapshot, after, username) });
  },
});

const unset = defineCommand({
  path: ['account', 'user', 'unset_2fa_secret'],
  brief: 'Remove every device and recovery code of an account.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true } },
  examples: [{ line: 'account user unset_2fa_secret ben', note: 'The account is no longer enrolled.' }],
  confirm: ({ username }, snapshot) => {
    const { length } = readAccount(snapshot, username).account?.devices ?? [];
    return length > 0
      ? `${username} loses ${length === 1 ? 'the only device' : `all ${length} devices`} and every recovery code`
      : undefined;
  },
  run: async ({ username }, snapshot) => {
    const { unsetSecrets } = await devices();
    const before = requireAccount(snapshot, username);
    const after = unsetSecrets(before);
    return answerAccountChange(before, after, {
      warnings: after === before ? [] : warnIfNobodyEnrolled(snapshot, after, username),
    });
  },
});

const renewCodes = defineCommand({
  path: ['account', 'user', 'renew_recovery_codes'],
  brief: 'Make ten new recovery codes. The old ones stop working.',
  effect: 'write',
  params: { username: { ...usernameParam, required: true } },
  examples: [
    { line: 'account user renew_recovery_codes ben', note: 'Shown once; only salted hashes are stored.' },
  ],
  confirm: ({ username }, snapshot) => {
    const left = readAccount(snapshot, username).account?.recovery_codes.length ?? 0;
    return left > 0 ? `${username}'s ${left} unused recovery codes stop working` : undefined;
  },
  run: async ({ username }, snapshot) => {
    const { renewRecoveryCodes } = await devices();
    const before = requireAccount(snapshot, username);
    const { account, recoveryCodes } = renewRecoveryCodes(before, snapshot.random);
    return answerAccountChange(before, account, { data: { username, recovery_codes: recoveryCodes } });
  },
});

/** What the roster still knows of an account whose file is lost. */
function findFacts(snapshot: Snapshot, username: string): AccountFacts | undefined {
  let found: AccountFacts | undefined;
  snapshot.accountNames((facts) => {
    if (facts.username === username) found = facts;
    return false;
  });
  return found;
}

/** New secrets and devices, and their end. */
export const userSecretCommands: readonly CommandSpec[] = [renew, add, renewCodes, remove, unset];
