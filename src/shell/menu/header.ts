import { allowedDriftSeconds, judgeClock } from '../../domain/clock.ts';
import type { Settings } from '../../domain/settings.ts';
import { isPosternError } from '../../errors.ts';
import { escapeForTerminal } from '../../output/escape.ts';
import { takeSnapshot } from '../../pipeline/snapshot.ts';
import type { World } from '../../pipeline/world.ts';

/** What a person at the console has to know first: which host, where it answers, whether codes are asked for, whether the clock is right. */
export async function describeHost(world: World, addresses: readonly string[]): Promise<readonly string[]> {
  const shown = addresses.length === 0 ? 'no address' : addresses.join(', ');
  const host = escapeForTerminal(`${world.hostName} (${shown})`);
  let settings: Settings;
  try {
    settings = takeSnapshot(world, world.store).settings;
  } catch (error) {
    return [
      host,
      escapeForTerminal(`two-factor authentication: its settings cannot be read: ${explain(error)}`),
    ];
  }
  const state = await describeTwoFactor(world, settings);
  return [
    host,
    escapeForTerminal(`two-factor authentication: ${state}`),
    `clock: ${await describeClock(world, settings)}`,
  ];
}

async function describeTwoFactor(world: World, settings: Settings): Promise<string> {
  const { pending } = settings;
  const state = await describeState(world, settings);
  if (!pending) return state;
  const due = new Date(pending.due_ms).toISOString().slice(0, 16).replace('T', ' ');
  return `${state} (until ${due} UTC${pending.reason === 'confirm_within' ? ' unless confirmed' : ''})`;
}

/** What is in force, which need not be what the settings say: a switch thrown by hand, a file that someone edited. */
async function describeState(world: World, settings: Settings): Promise<string> {
  const { enabled, services } = settings.two_factor;
  const { appliance, store } = world;
  if (!appliance.manages) return `${enabled ? 'ON' : 'OFF'} (a trial store: nothing here requires codes)`;
  const names = Object.entries(services).flatMap(([name, asks]) => (asks ? [name.toUpperCase()] : []));
  let summary: Awaited<ReturnType<typeof appliance.summary>>;
  try {
    summary = await appliance.summary(settings, store);
  } catch (error) {
    return `${enabled ? 'ON' : 'OFF'} in the settings, but what is in force cannot be read: ${explain(error)}`;
  }
  const { enforced, findings } = summary;
  const [finding = 'see item 1'] = findings;
  if (!enabled) return enforced === true ? 'OFF in the settings, but codes are still required' : 'OFF';
  if (names.length === 0) return 'ON, but no service requires codes';
  return enforced === true
    ? `ON, ${names.join(' and ')} ${names.length === 1 ? 'asks' : 'ask'} for codes`
    : `ON, but NOT enforced: ${finding}`;
}

function explain(error: unknown): string {
  return isPosternError(error) ? error.message : String(error);
}

const noTimeService = 'NOT CHECKED (no time service answers)';

async function describeClock({ appliance }: World, { two_factor }: Settings): Promise<string> {
  try {
    const clock = await appliance.readClock();
    const { verdict, reason } = judgeClock(clock, allowedDriftSeconds(two_factor));
    if (verdict === 'unjudged') return clock.by === null ? noTimeService : escapeForTerminal(reason);
    return verdict === 'right'
      ? 'right'
      : escapeForTerminal(`${verdict === 'wrong' ? 'WRONG: ' : ''}${reason}`);
  } catch {
    return noTimeService;
  }
}
