import type { Settings } from './settings.ts';

/** The value of `auth two_factor config`; `pending` only while a timer runs. */
export function settingsView(settings: Settings) {
  const { enabled, services, window, otp_digits, interval, issuer, unenrolled } = settings.two_factor;
  const { exempt_groups, exempt_networks, security_keys, remember } = settings.two_factor;
  return {
    enabled,
    services: { ssh: services.ssh },
    window,
    otp_digits,
    interval,
    issuer,
    unenrolled,
    exempt_groups,
    exempt_networks,
    security_keys,
    remember,
    ...pendingView(settings),
  };
}

/** The timer that runs, in the words of the command line: what it is and when it acts (ISO 8601, UTC). */
export function pendingView({ pending }: Settings): {
  readonly pending?: { readonly reason: string; readonly due: string };
} {
  return pending ? { pending: { reason: pending.reason, due: new Date(pending.due_ms).toISOString() } } : {};
}
