import { isDeepStrictEqual } from 'node:util';
import { PosternError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { type Boot, makeDeadline } from './deadline.ts';
import type { PendingChange, Settings, TwoFactorSettings } from './settings.ts';
import { amendPending } from './timers.ts';

/** One changed key, in the words of the command line. */
export type Change = { readonly key: string; readonly from: Json; readonly to: Json };

/** What `auth two_factor update` was given. */
export type TwoFactorUpdate = {
  readonly enabled?: boolean;
  readonly services?: { readonly ssh?: boolean };
  readonly window?: number;
  readonly otp_digits?: number;
  readonly interval?: number;
  readonly issuer?: string;
  readonly unenrolled?: 'allow' | 'deny';
  readonly exempt_groups?: readonly string[];
  readonly exempt_networks?: readonly string[];
  readonly security_keys?: boolean;
  /** Seconds; 0: never. */
  readonly remember?: number;
  /** Seconds after which `enabled=false` ends by itself. */
  readonly for?: number;
  /** Seconds within which the change must be confirmed. */
  readonly confirm_within?: number;
};

/** Works out the new settings. Errors: `rule.*` where the timers asked for make no sense. */
export function updateTwoFactor(
  settings: Settings,
  update: TwoFactorUpdate,
  nowMs: number,
  boot?: Boot,
): { settings: Settings; warnings: readonly string[] } {
  const { for: forSeconds, confirm_within: confirmSeconds, services, ...plain } = update;
  const present = settings.two_factor;
  const changes: Partial<TwoFactorSettings> = {
    ...plain,
    ...(services === undefined ? {} : { services: { ...present.services, ...services } }),
  };
  const next: TwoFactorSettings = { ...present, ...changes };
  const warnings: string[] = [];
  if (forSeconds !== undefined && update.enabled !== false) {
    throw new PosternError({
      code: 'rule.for_without_off',
      message: 'for= says how long codes stay off, so it needs enabled=false',
      hint: 'auth two_factor update enabled=false for=30m',
    });
  }
  if (forSeconds !== undefined && confirmSeconds !== undefined) {
    throw new PosternError({
      code: 'rule.two_timers',
      message: 'for= and confirm_within= cannot be combined: one would undo the other',
      hint: `auth two_factor update enabled=false for=30m`,
    });
  }
  const pending = planPending(settings, changes, next, { forSeconds, confirmSeconds, nowMs, boot, warnings });
  // Codes that were off, or counted for no address, in between: what was remembered before is over.
  const isForgetting = next.enabled !== present.enabled || (next.remember === 0 && present.remember > 0);
  const epoch = isForgetting ? { remember_epoch: nowMs } : {};
  return { settings: { ...settings, two_factor: next, pending, ...epoch }, warnings };
}

type Timers = {
  readonly forSeconds: number | undefined;
  readonly confirmSeconds: number | undefined;
  readonly nowMs: number;
  readonly boot: Boot | undefined;
  readonly warnings: string[];
};

function planPending(
  settings: Settings,
  changes: Partial<TwoFactorSettings>,
  next: TwoFactorSettings,
  timers: Timers,
): PendingChange | null {
  const { pending, two_factor: present } = settings;
  const { forSeconds, confirmSeconds, nowMs, boot, warnings } = timers;
  if (forSeconds !== undefined) {
    const wasOn = present.enabled || (pending?.reason === 'for' && pending.restore.enabled);
    if (!wasOn) {
      warnings.push('two-factor authentication was already off and stays off; for= has no effect');
      return amendPending(pending, changes, next);
    }
    return { reason: 'for', ...makeDeadline(forSeconds, nowMs, boot), restore: { ...next, enabled: true } };
  }
  if (confirmSeconds !== undefined) {
    if (pending?.reason === 'for' && changes.enabled === undefined) {
      throw new PosternError({
        code: 'rule.two_timers',
        message: `two-factor authentication is off until ${new Date(pending.due_ms).toISOString()}: confirm_within= cannot be used meanwhile`,
        hint: 'auth two_factor update enabled=true',
      });
    }
    // Several unconfirmed changes go back together, to what was last confirmed.
    const restore = pending?.reason === 'confirm_within' ? pending.restore : present;
    return isDeepStrictEqual(restore, next)
      ? null
      : { reason: 'confirm_within', ...makeDeadline(confirmSeconds, nowMs, boot), restore };
  }
  return amendPending(pending, changes, next);
}

/** Keeps a change that waits for confirmation. Error: `rule.nothing_to_confirm`. */
export function confirmPending(settings: Settings): Settings {
  if (settings.pending?.reason !== 'confirm_within') {
    throw new PosternError({
      code: 'rule.nothing_to_confirm',
      message: 'nothing to confirm: no change is waiting, or its time ran out and the old settings are back',
      hint: 'auth two_factor config',
    });
  }
  return { ...settings, pending: null };
}

/** The differences between two records, key by key, objects inside as dotted keys. */
export function listChanges(before: JsonObject, after: JsonObject, prefix = ''): readonly Change[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const [from, to] = [before[key], after[key]];
    if (isDeepStrictEqual(from, to)) return [];
    if (isRecord(from) && isRecord(to)) return listChanges(from, to, `${prefix}${key}.`);
    return [{ key: `${prefix}${key}`, from: from ?? null, to: to ?? null }];
  });
}

function isRecord(value: Json | undefined): value is JsonObject {
  return value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
}
