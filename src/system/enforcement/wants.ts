import type { Settings } from '../../domain/settings.ts';

/** Whether the settings ask for a code at SSH sign-in. */
export function wantsEnforcement(settings: Settings): boolean {
  return settings.two_factor.enabled && settings.two_factor.services.ssh;
}

/** Whether the pending change is to ask for codes again: until then it is watched that it can. */
export function comesBack({ pending, ...settings }: Settings): boolean {
  return pending !== null && wantsEnforcement({ ...settings, pending, two_factor: pending.restore });
}
