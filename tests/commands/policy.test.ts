import { describe, expect, it, test } from 'vitest';
import { rules } from '../../src/domain/policy.ts';
import { makeAccount } from '../support/accounts.ts';
import {
  createFakeWorld,
  createTrialAppliance,
  type FakeWorld,
  fakeNowMs,
  runText,
} from '../support/fake-world.ts';

const update = 'auth two_factor update';

/** An appliance with ann, enrolled, in the group jobs, and ben, who has no device. */
function appliance(): FakeWorld {
  const world = createFakeWorld({
    yes: true,
    appliance: {
      ...createTrialAppliance(),
      knownGroups: async (groups) => groups.filter((group) => group === 'jobs'),
      groupsOf: async (name, groups) => groups.filter((group) => name === 'ann' && group === 'jobs'),
    },
  });
  const settings = world.store.settingsNow;
  world.store.settingsNow = {
    ...settings,
    two_factor: { ...settings.two_factor, enabled: true, services: { ssh: true } },
  };
  world.store.accountsNow.set('ann', makeAccount('ann'));
  world.store.accountsNow.set('ben', makeAccount('ben', { devices: [] }));
  return world;
}

describe('lists of who is exempt', () => {
  const set = async (line: string, world = appliance()) => {
    const ran = await runText(world, `${update} ${line}`);
    expect(ran.code, ran.all).toBe(0);
    return { ...world.store.settingsNow.two_factor, all: ran.all };
  };

  it.each<[string, readonly string[]]>([
    ['exempt_networks=192.168.1.7/24', ['192.168.1.0/24']],
    ['exempt_networks=10.0.0.0/8,2001:DB8::/32', ['10.0.0.0/8', '2001:db8::/32']],
    ['exempt_networks=["10.0.0.0/8", "::ffff:10.0.0.0/104"]', ['10.0.0.0/8']],
    ['exempt_networks="10.0.0.0/8"', ['10.0.0.0/8']],
    ['exempt_networks="10.0.0.0/8","fd00::/8"', ['10.0.0.0/8', 'fd00::/8']],
    ['exempt_networks=10.1.2.3', ['10.1.2.3/32']],
    ['exempt_networks=[]', []],
    ['exempt_networks=null', []],
  ])('%s', async (line, expected) => {
    expect((await set(line)).exempt_networks).toEqual(expected);
  });

  it.each<[string, string]>([
    ['exempt_networks=host.example', 'bind.wrong_value'],
    ['exempt_networks=10.0.0.0/33', 'bind.wrong_value'],
    ['exempt_networks=10.0.0.0/8,,fd00::/8', 'bind.wrong_value'],
    ['exempt_networks={"a":1}', 'bind.wrong_value'],
    ['exempt_networks=[1]', 'bind.wrong_value'],
    ['exempt_networks=0.0.0.0/0', 'rule.everybody_exempt'],
    ['exempt_networks=::/0', 'rule.everybody_exempt'],
    ['exempt_groups=-x', 'bind.wrong_value'],
    ['exempt_groups=a:b', 'bind.wrong_value'],
    ['remember=31d', 'bind.wrong_value'],
    ['remember=1s', 'bind.wrong_value'],
  ])('refuses %s and changes nothing', async (line, code) => {
    const world = appliance();
    const before = world.store.settingsNow;
    const ran = await runText(world, `${update} ${line}`);
    expect(ran.err).toContain(code);
    expect(ran.code).toBe(code.startsWith('rule') ? 1 : 2);
    expect(world.store.settingsNow).toBe(before);
  });

  it('takes names with spaces, and warns of groups that the system does not know', async () => {
    const { exempt_groups, all } = await set('exempt_groups="domain admins",jobs');
    expect(exempt_groups).toEqual(['domain admins', 'jobs']);
    expect(all).toContain('the system knows no group "domain admins"');
    expect(all).not.toContain('group "jobs"');
  });

  it('warns of loopback, which exempts nobody', async () => {
    expect((await set('exempt_networks=127.0.0.0/8')).all).toContain('127.0.0.0/8 exempts nobody');
  });

  it('says that nothing changed where the list is the same in another spelling', async () => {
    const world = appliance();
    await set('exempt_networks=2001:db8::/32', world);
    const ran = await runText(world, `${update} exempt_networks=2001:0DB8::1/32`, { mode: 'json' });
    expect(JSON.parse(ran.out)).toMatchObject({ changed: false });
  });

  it('remembers for a time, or never', async () => {
    expect((await set('remember=12h')).remember).toBe(43_200);
    expect((await set('remember=0')).remember).toBe(0);
    expect((await set('security_keys=true')).security_keys).toBe(true);
  });
});

describe('an account', () => {
  it('is exempt by a line that the audit log keeps, and query, export and status show', async () => {
    const world = appliance();
    expect((await runText(world, 'account user update ann exempt=true')).all).toContain(
      'exempt: false -> true',
    );
    expect(world.entries.at(-1)).toMatchObject({
      line: 'account user update ann exempt=true',
      outcome: 'done',
    });
    const rows = JSON.parse((await runText(world, 'account user query', { mode: 'json' })).out);
    expect(rows.map(({ exempt }: { exempt: boolean }) => exempt)).toEqual([true, false, false]);
    const status = JSON.parse((await runText(world, 'auth two_factor status', { mode: 'json' })).out);
    expect(status.exempt).toEqual([{ username: 'ann', by: 'exempt=true' }]);
    const again = await runText(world, 'account user update ann exempt=true', { mode: 'json' });
    expect(JSON.parse(again.out)).toMatchObject({ changed: false });
  });

  it('keeps it over an export and an import', async () => {
    for (const secrets of ['', ' secrets=true']) {
      const world = appliance();
      await runText(world, 'account user update ann exempt=true');
      await runText(world, `system config export file=/tmp/x.json${secrets}`);
      const other = appliance();
      other.files.set('/tmp/x.json', world.files.get('/tmp/x.json') ?? '');
      const ran = await runText(other, 'system config import file=/tmp/x.json force=true');
      expect(ran.code, ran.all).toBe(0);
      expect(other.store.accountsNow.get('ann')?.exempt).toBe(true);
      expect(other.store.settingsNow.two_factor).toEqual(world.store.settingsNow.two_factor);
    }
  });

  it('forgets its addresses, which nothing shows and no export holds', async () => {
    const world = appliance();
    const entry = { due_ms: fakeNowMs + 1e6, duration_ms: 1e6, epoch: 0, salt: 'c2FsdA==', hash: 'aGFzaA==' };
    world.store.accountsNow.set('ann', makeAccount('ann', { remembered_addresses: [entry] }));
    await runText(world, 'system config export file=/tmp/x.json secrets=true');
    expect(world.files.get('/tmp/x.json')).not.toContain('remembered');
    const shown = await runText(world, 'account user get_instance ann', { mode: 'json' });
    expect(JSON.parse(shown.out)).toMatchObject({ remembered_addresses: 1 });
    expect((await runText(world, 'account user forget_addresses ann')).all).toContain(
      'remembered_addresses: 1 -> 0',
    );
    expect(world.store.accountsNow.get('ann')).not.toHaveProperty('remembered_addresses');
  });

  it.each(['unlock ann', 'update ann locked=true', 'renew_2fa_secret ann', 'unset_2fa_secret ann'])(
    'forgets them by %s',
    async (line) => {
      const world = appliance();
      const entry = {
        due_ms: fakeNowMs + 1e6,
        duration_ms: 1e6,
        epoch: 0,
        salt: 'c2FsdA==',
        hash: 'aGFzaA==',
      };
      world.store.accountsNow.set('ann', makeAccount('ann', { remembered_addresses: [entry] }));
      const ran = await runText(world, `account user ${line}`);
      expect(ran.code, ran.all).toBe(0);
      expect(world.store.accountsNow.get('ann')).not.toHaveProperty('remembered_addresses');
    },
  );
});

describe('explain', () => {
  const ask = async (world: FakeWorld, line: string) =>
    JSON.parse((await runText(world, `auth two_factor explain ${line}`, { mode: 'json' })).out);

  it.each<[string, string, string, string]>([
    ['', 'ann', 'asked', 'asked'],
    ['', 'ben', 'not_asked', 'no_device'],
    ['exempt_groups=jobs', 'ann', 'not_asked', 'exempt_group'],
    ['exempt_networks=10.0.0.0/8', 'ann from=10.1.2.3', 'not_asked', 'exempt_network'],
    ['exempt_networks=10.0.0.0/8', 'ann from=11.1.2.3', 'asked', 'asked'],
    ['exempt_networks=192.0.2.0/24', 'ann from=192.0.2.1', 'asked', 'asked'],
    ['security_keys=true', 'ann by=security_key', 'not_asked', 'security_key'],
    ['security_keys=true', 'ann by=key', 'asked', 'asked'],
    ['unenrolled=deny', 'ben', 'refused', 'no_device'],
    ['enabled=false', 'ann', 'not_asked', 'off'],
    ['services.ssh=false', 'ann', 'not_asked', 'service_off'],
  ])('with %s, %s is %s by %s', async (settings, line, answer, rule) => {
    const world = appliance();
    if (settings !== '') await runText(world, `${update} ${settings}`);
    const said = await ask(world, line);
    expect(said).toMatchObject({ username: line.split(' ')[0], service: 'ssh', answer, rule });
    expect(Object.keys(said)).toEqual(['username', 'service', 'from', 'by', 'answer', 'rule', 'reason']);
    expect(rules).toContain(said.rule);
    expect(world.entries.filter(({ line: typed }) => typed.includes('explain'))).toEqual([]);
  });

  test('in one sentence for a person', async () => {
    const world = appliance();
    await runText(world, `${update} exempt_networks=10.0.0.0/8`);
    expect((await runText(world, 'auth two_factor explain ann from=10.1.2.3 by=key')).out).toBe(
      'ann is not asked for a code at a sign-in to ssh with a key from 10.1.2.3: the address is in the exempt network 10.0.0.0/8 (rule exempt_network)\n',
    );
    expect((await runText(world, 'auth two_factor explain ann from=127.0.0.1')).out).toContain(
      'an address of this machine itself is never exempt',
    );
  });

  test('a damaged account is refused', async () => {
    const world = appliance();
    await runText(world, 'account user update ann locked=true exempt=true');
    expect(await ask(world, 'ann')).toMatchObject({ answer: 'refused', rule: 'locked_account' });
  });

  test('an unknown account, and what is no address, are errors', async () => {
    const unknown = await runText(appliance(), 'auth two_factor explain bem');
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('no account "bem"');
    const host = await runText(appliance(), 'auth two_factor explain ann from=host.example');
    expect(host.code).toBe(2);
    expect(host.err).toContain('from expects an address');
  });
});

test('status names the members of exempt groups, and nobody who is locked', async () => {
  const world = appliance();
  await runText(world, `${update} exempt_groups=jobs`);
  const status = async () =>
    JSON.parse((await runText(world, 'auth two_factor status', { mode: 'json' })).out).exempt;
  expect(await status()).toEqual([{ username: 'ann', by: 'group jobs' }]);
  await runText(world, 'account user update ann locked=true');
  expect(await status()).toEqual([]);
});
