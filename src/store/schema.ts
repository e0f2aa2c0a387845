import * as v from 'valibot';
import type { Account } from '../domain/account.ts';
import { longestRemember, type Settings, type TwoFactorSettings } from '../domain/settings.ts';
import { nobodyExempt } from './defaults.ts';

// Only judged, never rebuilt: what is answered is the parsed JSON itself, so keys that this program does not know
// stay in it and survive a change that copies it.

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const timeMs = v.pipe(v.number(), v.safeInteger());

function between(least: number, most: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
}

const twoFactor = v.object({
  enabled: v.boolean(),
  services: v.object({ ssh: v.boolean() }),
  window: between(0, 10),
  otp_digits: between(6, 8),
  interval: between(15, 300),
  issuer: v.string(),
  unenrolled: v.picklist(['allow', 'deny', 'enroll']),
  exempt_groups: v.optional(v.array(v.string())),
  exempt_networks: v.optional(v.array(v.string())),
  security_keys: v.optional(v.boolean()),
  remember: v.optional(between(0, longestRemember)),
});

const retiredSecrets = v.optional(
  v.array(v.object({ fingerprint: v.string(), interval: between(15, 300), last_used_step: count })),
);

const settings = v.object({
  two_factor: twoFactor,
  pending: v.nullable(
    v.object({
      reason: v.picklist(['for', 'confirm_within']),
      due_ms: timeMs,
      boot_id: v.optional(v.string()),
      due_uptime_ms: v.optional(timeMs),
      duration_ms: v.optional(timeMs),
      restore: twoFactor,
    }),
  ),
  ssh: v.object({ passwordauth: v.nullable(v.boolean()), rootlogin: v.nullable(v.boolean()) }),
  forgotten_secrets: retiredSecrets,
  forgotten_until_ms: v.optional(timeMs),
  remember_epoch: v.optional(timeMs),
});

const device = v.object({
  name: v.string(),
  secret: v.pipe(v.string(), v.regex(/^[A-Z2-7]+$/)),
  otp_digits: between(6, 8),
  interval: between(15, 300),
  confirmed: v.boolean(),
  created_ms: timeMs,
  last_used_step: v.nullable(v.pipe(v.number(), v.safeInteger())),
  last_used_ms: v.nullable(timeMs),
});

const account = v.object({
  username: v.string(),
  full_name: v.string(),
  admin: v.boolean(),
  locked: v.boolean(),
  devices: v.array(device),
  recovery_codes: v.array(v.object({ salt: v.string(), hash: v.string() })),
  failures: count,
  lockouts: count,
  locked_until_ms: v.nullable(timeMs),
  retired_secrets: retiredSecrets,
  exempt: v.optional(v.boolean()),
  remembered_addresses: v.optional(
    v.array(
      v.object({
        due_ms: timeMs,
        boot_id: v.optional(v.string()),
        due_uptime_ms: v.optional(timeMs),
        duration_ms: timeMs,
        epoch: timeMs,
        salt: v.string(),
        hash: v.string(),
      }),
    ),
  ),
});

/** A document that was judged: the value, or the first thing wrong with it. Never quotes a value: it may be secret. */
export type Judged<T> = { readonly value: T } | { readonly problem: string };
export type Judge<T> = (content: Record<string, unknown>) => Judged<T>;

/** Judges the content of config.json. */
export function judgeSettings(content: Record<string, unknown>): Judged<Settings> {
  // Written beside the settings by the store itself (roster.ts).
  const { roster: _, ...own } = content;
  const judged = judge<Settings>(settings, own);
  return 'problem' in judged ? judged : { value: completeSettings(judged.value) };
}

/** The settings of a store, or an export, of an older version with what it does not hold. */
function completeSettings(stored: Settings): Settings {
  const { two_factor, pending } = stored;
  // First as they are, so that a key keeps its place: whoever prints settings prints them in one order.
  const complete = (parts: TwoFactorSettings) => ({ ...parts, ...nobodyExempt, ...parts });
  return {
    ...stored,
    two_factor: complete(two_factor),
    pending: pending && { ...pending, restore: complete(pending.restore) },
  };
}

/** Judges the content of an account's file; `username`: whose it must be (undefined: anybody's). */
export function judgeAccount(content: Record<string, unknown>, username?: string): Judged<Account> {
  const judged = judge<Account>(account, content);
  if ('problem' in judged || username === undefined || judged.value.username === username) return judged;
  return { problem: 'it holds another account' };
}

function judge<T>(schema: v.GenericSchema<unknown>, content: Record<string, unknown>): Judged<T> {
  const result = v.safeParse(schema, content, { abortEarly: true });
  if (result.success) return { value: content as T };
  const key = result.issues[0] ? v.getDotPath(result.issues[0]) : null;
  return { problem: key === null ? 'it has wrong content' : `${key} is missing or wrong` };
}
