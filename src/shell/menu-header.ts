import { judgeClock } from '../domain/clock.ts';
import type { Settings } from '../domain/settings.ts';
import { isPosternError } from '../errors.ts';
import { escapeForTerminal } from '../output/escape.ts';
import { takeSnapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** What a person at the console has to know first: which host, where it answers, whether codes are asked for, whether the clock is right. */
export async function describeHost(world: World, addresses: readonly string[]): Promise<readonly string[]> {
  const shown = addresses.length === 0 ? 'no address' : addresses.join(', ');
  const host = escapeForTerminal(`${world.hostName} (${shown})`);
  let settings: Settings;
  try {
    settings = takeSnapshot(world, world.store).settings;
  } catch (error) {
    const reason = isPosternError(error) ? error.message : String(error);
    return [host, escapeForTerminal(`two-factor authentication: its settings cannot be read: ${reason}`)];
  }
  return [
    host,
    `two-factor authentication: ${describeTwoFactor(settings)}`,
    `clock: ${await describeClock(world, settings)}`,
  ];
}

function describeTwoFactor({ two_factor, pending }: Settings): string {
  const state = !two_factor.enabled
    ? 'OFF'
    : two_factor.services.ssh
      ? 'ON, SSH asks for codes'
      : 'ON, but no service asks for codes';
  if (!pending) return state;
  const due = new Date(pending.due_ms).toISOString().slice(0, 16).replace('T', ' ');
  return `${state} (until ${due} UTC${pending.reason === 'confirm_within' ? ' unless confirmed' : ''})`;
}

async function describeClock({ appliance }: World, { two_factor }: Settings): Promise<string> {
  const { window, interval } = two_factor;
  try {
    const { verdict, reason } = judgeClock(await appliance.readClock(), (window + 0.5) * interval);
    return verdict === 'right'
      ? 'right'
      : escapeForTerminal(`${verdict === 'wrong' ? 'WRONG: ' : ''}${reason}`);
  } catch {
    return 'cannot be judged';
  }
}
