import { longestRemember, type Settings } from '../domain/settings.ts';
import { confirmPending, type TwoFactorUpdate, updateTwoFactor } from '../domain/settings-change.ts';
import { settingsView } from '../domain/settings-view.ts';
import { refusesUnenrolled } from '../domain/shut-out.ts';
import { boolean, choice, duration, integer, list, object, text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand, type WriteResult } from '../registry/spec.ts';
import { otpDigits, refuseEmptyUpdate, timeStep } from './account.ts';
import { explain } from './auth-two-factor-explain.ts';
import { status } from './auth-two-factor-status.ts';
import { answerChange } from './config-change.ts';
import { checkEnabling, warnAuthenticators, warnShutOut } from './enable-checks.ts';
import { findGroupFault, takeExemptions } from './exemptions.ts';

const config = defineCommand({
  path: ['auth', 'two_factor', 'config'],
  brief: 'Show the two-factor settings.',
  effect: 'read',
  params: {},
  examples: [{ line: 'auth two_factor config', note: 'The settings, one key a line.' }],
  run: (_input, snapshot) => ({ shape: 'record', data: settingsView(snapshot.settings) }),
});

const update = defineCommand({
  path: ['auth', 'two_factor', 'update'],
  brief: 'Change the two-factor settings.',
  details: `enabled=false always works and keeps every secret, so enabling again restores everything.

enabled=true is refused while no administrator is enrolled or while the clock is known to be wrong, unless force=true is given.

With confirm_within= the former settings come back by themselves, unless "auth two_factor confirm" is typed or an administrator signs in with a code in time.`,
  effect: 'write',
  params: {
    enabled: { kind: boolean, brief: 'require codes, or do not' },
    services: { kind: object({ ssh: boolean }), brief: 'where codes are required' },
    window: {
      kind: integer({ min: 0, max: 10, unit: 'steps' }),
      brief: 'how many steps early or late a code may be',
    },
    otp_digits: {
      kind: otpDigits,
      brief: 'digits of the codes of new secrets',
    },
    interval: {
      kind: timeStep,
      brief: 'how long a code of a new secret lasts',
    },
    issuer: {
      kind: text('a name in ASCII', 'nas', { maxLength: 64, check: findIssuerFault }),
      brief: 'name shown by the authenticator',
    },
    unenrolled: {
      kind: choice('allow', 'deny'),
      brief: 'accounts without a device: let in without a code, or refused',
    },
    exempt_groups: {
      kind: list('groups of the system', 'backup,monitoring', findGroupFault),
      brief: 'whose members are not asked for a code; the whole list is set',
    },
    exempt_networks: {
      kind: list('networks', '192.168.1.0/24,2001:db8::/32'),
      brief: 'where nobody is asked for a code; the whole list is set, never loopback',
    },
    security_keys: {
      kind: boolean,
      brief: 'a sign-in by a FIDO key (sk-...) that is touched needs no code',
    },
    remember: {
      kind: duration({ minSeconds: 60, maxSeconds: longestRemember, zero: 'never' }),
      brief: 'how long a code counts for the address it was given from',
    },
    for: {
      kind: duration({ minSeconds: 60, maxSeconds: 604_800 }),
      brief: 'with enabled=false: turn codes on again after this time',
    },
    confirm_within: {
      kind: duration({ minSeconds: 60, maxSeconds: 86_400 }),
      brief: 'undo the change unless it is confirmed in time',
    },
    force: {
      kind: boolean,
      brief:
        'turn codes on even if no administrator is enrolled or the clock is wrong (this may lock everyone out)',
      default: false,
    },
  },
  examples: [
    {
      line: 'auth two_factor update enabled=false',
      note: 'Turn codes off: the password is enough. Always works.',
    },
    { line: 'auth two_factor update enabled=false for=30m', note: 'The same, for half an hour.' },
    {
      line: 'auth two_factor update window=2 issuer=nas',
      note: 'Accept codes up to two steps early or late.',
    },
    {
      line: 'auth two_factor update exempt_networks=192.168.1.0/24,2001:db8::/32 remember=12h',
      note: 'Ask nobody in these networks, and others once in 12 hours from each address.',
    },
    { line: 'auth two_factor update exempt_groups=[]', note: 'Exempt no group any more.' },
    {
      line: 'auth two_factor update services.ssh=true confirm_within=10m',
      note: 'Require codes for SSH; undone unless confirmed.',
    },
  ],
  present: (_input, snapshot) => snapshot.settings.two_factor,
  isRecovery: (input) => input.enabled === false,
  reapply: (input) => input.enabled === true || input.services?.ssh === true,
  run: async ({ force, ...changes }, snapshot) => {
    const { networks, warnings: ofLists } = await takeExemptions(changes, snapshot);
    const update = withoutEmpty({ ...changes, ...networks });
    refuseEmptyUpdate(update, 'auth two_factor update', 'setting');
    const { settings, warnings } = updateTwoFactor(snapshot.settings, update, snapshot.nowMs, snapshot.boot);
    const more = [...warnings, ...ofLists, ...warnAuthenticators(changes)];
    if (settings.two_factor.enabled && !snapshot.settings.two_factor.enabled)
      more.push(...(await checkEnabling(snapshot, settings, force)));
    if (refusesUnenrolled(settings) && !refusesUnenrolled(snapshot.settings))
      more.push(...(await warnShutOut(snapshot)));
    if (settings.two_factor.enabled && !settings.two_factor.services.ssh && changes.enabled) {
      more.push('no service requires codes yet: auth two_factor update services.ssh=true');
    }
    return withTimerNote(answerChange(snapshot.settings, settings, more), snapshot.settings, settings);
  },
});

const confirm = defineCommand({
  path: ['auth', 'two_factor', 'confirm'],
  brief: 'Keep a change made with confirm_within.',
  effect: 'write',
  params: {},
  examples: [{ line: 'auth two_factor confirm', note: 'Typed in time, this keeps the change.' }],
  run: (_input, snapshot) => answerChange(snapshot.settings, confirmPending(snapshot.settings), []),
});

export const twoFactorCommands: readonly CommandSpec[] = [config, status, update, explain, confirm];

/** Says what happens by itself, to the person who has just asked for it. */
function withTimerNote(result: WriteResult, before: Settings, { pending }: Settings): WriteResult {
  if (!pending || pending.due_ms === before.pending?.due_ms) return result;
  const due = new Date(pending.due_ms).toISOString();
  const appendix =
    pending.reason === 'for'
      ? `Two-factor authentication comes back on at ${due}.`
      : `The change is undone at ${due} unless you type: auth two_factor confirm`;
  return { ...result, view: { ...result.view, appendix } };
}

function findIssuerFault(typed: string): string | undefined {
  if (typed === '') return 'is empty';
  if (typed.includes(':')) return 'contains a ":", which separates issuer and account';
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(typed)
    ? undefined
    : 'contains something other than printable ASCII, or begins or ends with a space';
}

/** `services={}` says as little as no services at all. */
function withoutEmpty({
  services,
  ...changes
}: {
  readonly services?: object;
  readonly [key: string]: unknown;
}) {
  const isEmpty = services === undefined || Object.keys(services).length === 0;
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...(isEmpty ? {} : { services }) } as TwoFactorUpdate;
}
