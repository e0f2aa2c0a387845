import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetworkLab, type Place, startNetworkLab } from '../support/network-lab.ts';
import { inParallel } from '../support/parallel.ts';
import {
  type Client,
  clients,
  isDone,
  type Outcome,
  prepareClients,
  runClient,
} from '../support/ssh-clients.ts';
import { fingerprint, requirePrograms } from '../support/system.ts';

type Who = { readonly user: string; readonly from: Place; readonly because: string };

/** Those who are not asked, each for another reason, and where they come from. */
const undisturbed: readonly Who[] = [
  { user: 'plain', from: 'far', because: 'has no device' },
  { user: 'excepted', from: 'far', because: 'is exempt by name' },
  { user: 'grouped', from: 'far', because: 'is in an exempt group' },
  { user: 'netted', from: 'office', because: 'comes from an exempt network' },
  { user: 'plain', from: 'far6', because: 'has no device, by IPv6' },
  { user: 'netted', from: 'office6', because: 'comes from an exempt IPv6 network' },
];

/** The slow ones come by IPv4 alone. */
const runsOf = ({ from }: Who) => clients.filter(({ slow }) => !slow || !from.endsWith('6'));

describe('whoever is not asked for a code signs in as if Postern were not there', () => {
  let lab: NetworkLab;
  let files: string;
  const seen = new Map<string, Outcome>();

  beforeAll(async () => {
    requirePrograms('plink', 'puttygen', 'socat', 'rsync', 'git', 'curl', 'ansible', 'python3', 'script');
    lab = await startNetworkLab();
    await lab.ask('auth two_factor update window=10');
    await lab.addAccounts([
      { name: 'plain' },
      ...['excepted', 'netted', 'asked'].map((name) => ({ name, enrolled: true })),
      { name: 'grouped', enrolled: true, groups: ['backup'] },
    ]);
    await prepareClients(lab);
    await lab.enrol('root');
    files = await fingerprint(lab.machine);
    await lookOn('before', undisturbed);
    await lab.askAll([
      'account user update excepted exempt=true',
      'auth two_factor update exempt_groups=backup exempt_networks=10.0.0.0/8,fd00:10::/32',
      'auth two_factor update enabled=true services.ssh=true',
    ]);
    await lookOn('with codes', undisturbed);
  });

  afterAll(() => lab?.stop());

  const key = (phase: string, { user, from }: Who, { name }: Client) =>
    `${phase}: ${user} from ${from}: ${name}`;
  const lookOn = async (phase: string, people: readonly Who[]) => {
    const runs = people.flatMap((who) => runsOf(who).map((client) => ({ who, client })));
    await inParallel(runs, 5, async ({ who, client }) => {
      seen.set(key(phase, who, client), await runClient(lab, client, who.user, who.from));
    });
  };

  describe.each(undisturbed)('$user, from $from, who $because', (who) => {
    it.each(runsOf(who))('by $name', (client) => {
      const before = seen.get(key('before', who, client));
      expect(before && isDone(client, who.user, before), before?.said).toBe(true);
      expect(seen.get(key('with codes', who, client))).toEqual(before);
    });
  });

  it('while whoever is asked gets nowhere by what cannot ask, and in by what can', async () => {
    await inParallel(clients, 5, async (client) => {
      const outcome = await runClient(lab, client, 'asked', 'far');
      if (client.proof !== '255') expect(isDone(client, 'asked', outcome), client.name).toBe(false);
    });
    expect(await lab.signInFrom('asked', { from: 'far', by: 'key' })).toMatchObject({
      entered: true,
      asked: true,
    });
  });

  it('and again when Postern is removed', async () => {
    await lab.ask('system enforcement remove');
    expect(await fingerprint(lab.machine)).toBe(files);
    const people = undisturbed.filter(({ from }) => !from.endsWith('6'));
    await lookOn('removed', people);
    for (const who of people) {
      for (const client of runsOf(who)) {
        expect(seen.get(key('removed', who, client)), key('removed', who, client)).toEqual(
          seen.get(key('before', who, client)),
        );
      }
    }
  });
});
