import type { Finding } from '../../domain/enforcement.ts';
import type { Settings } from '../../domain/settings.ts';
import { isPosternError } from '../../errors.ts';
import type { AccountReader } from '../../ports/store.ts';
import type { Site } from '../enforcement/context.ts';
import { inspect, install } from '../enforcement/enforcement.ts';
import { pamServicePath } from '../pam/block.ts';
import { wasWrittenByPackage } from './conffile.ts';
import { alertPath } from './guard.ts';
import { forgetAlerts } from './state.ts';

/** What a look has found. */
export type Watched = {
  /** null: there is nothing new to tell. */
  readonly alert: string | null;
  readonly outcome: 'done' | 'failed';
};

/** Findings that take the code from nobody by an edit: a service that does not run, a switch thrown by hand. */
const ofOperation = new Set([
  ...['sshd_stopped', 'sshd_older', 'sshd_unknown', 'override_off', 'switch_off', 'switch_on', 'interrupted'],
  ...['sshd_config', 'switch_ignored', 'watch_stopped', 'trial'],
]);

/** Findings that one alert tells. */
const mostTold = 3;

/** What may be found beside a rewrite by a package, which restarts its service. A switch thrown by hand is no such thing. */
const besideUpgrade = new Set(['pam_missing', 'sshd_stopped', 'sshd_older', 'sshd_unknown']);

/**
 * Looks at what asks for codes, and tells an alert to the system log where something has changed that Postern did not
 * do. It is repaired only where a package has written PAM's file again: what a person edited may be their way in.
 * The caller holds the store's lock, so that no change of Postern's is under way.
 */
export function watch(site: Site, settings: Settings, accounts: AccountReader): Watched {
  const all = look(site, settings, accounts);
  const findings = all.filter(({ code }) => !ofOperation.has(code));
  if (findings.length === 0) {
    forgetAlerts(site.ports);
    return { alert: null, outcome: 'done' };
  }
  const isPackages =
    all.every(({ code }) => besideUpgrade.has(code)) && wasWrittenByPackage(pamServicePath, site.ports);
  const repaired = isPackages ? repair(site, settings, accounts) : undefined;
  const more = findings.length > mostTold ? [`and ${findings.length - mostTold} more`] : [];
  const said = [...findings.slice(0, mostTold).map(({ message }) => message), ...more].join('; ');
  const alert =
    repaired === undefined
      ? `${said}. To see more: postern system enforcement status`
      : `a package replaced ${pamServicePath}, without the lines that ask for codes; ${repaired}`;
  const isDone = repaired === putBack;
  return { alert: tell(site, alert, isDone), outcome: isDone ? 'done' : 'failed' };
}

/** What is not in order; the trial sign-in is left out, for it is told to the log. */
function look(site: Site, settings: Settings, accounts: AccountReader): readonly Finding[] {
  const { expected, findings } = inspect(site, settings, accounts, { tries: false });
  return expected ? findings : [];
}

const putBack = 'they were restored';

function repair(site: Site, settings: Settings, accounts: AccountReader): string {
  try {
    install(site, settings, accounts);
    return putBack;
  } catch (error) {
    if (!isPosternError(error)) throw error;
    return `they could not be restored: ${error.message}`;
  }
}

/** Tells the system log, unless it was the last thing told in this boot. */
function tell({ ports }: Site, alert: string, isDone: boolean): string | null {
  const isKnown = !isDone && ports.files.read(alertPath) === alert;
  if (isKnown) return null;
  ports.runner.run(['logger', '-p', 'auth.alert', '-t', 'postern', '--', alert]);
  ports.files.writeAtomic(alertPath, alert, 0o600);
  return alert;
}
