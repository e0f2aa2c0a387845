import type { AuditEntry } from '../ports/store.ts';
import type { SignIn } from './conversation.ts';
import type { PamPorts } from './ports.ts';

/** Appends a sign-in to the audit log. A log that cannot be written changes no verdict: syslog has the line as well. */
export function recordSignIn(
  ports: Pick<PamPorts, 'clock' | 'openAudit'>,
  signIn: SignIn,
  ending: Pick<AuditEntry, 'outcome' | 'code' | 'details'>,
): void {
  try {
    ports.openAudit(signIn.stateDirectory).append({
      time: new Date(ports.clock.nowMs()).toISOString(),
      actor: signIn.username,
      from: signIn.remoteHost === '' ? null : signIn.remoteHost,
      line: `sign-in ${signIn.service}`,
      ...ending,
    });
  } catch {
    // On a full disk the right code is still refused or accepted by what the store could save.
  }
}
