import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeAccount, settingsOn } from '../support/accounts.ts';
import { raceRounds } from '../support/effort.ts';
import { logIn } from '../support/lab/login.ts';
import { addUser, projectRoot } from '../support/lab/machine.ts';
import { type BuiltPam, buildPam, freshCode, type PamLab, renderStack, startPamLab } from '../support/pam.ts';

const attempts = 50;
const rounds = raceRounds;

let built: BuiltPam;
let lab: PamLab;

beforeAll(async () => {
  // The program as people have it, for it starts faster than one built for tests.
  built = { ...(await buildPam()), helper: `${projectRoot}/bin/postern.js` };
  lab = await startPamLab(built, ['LoginGraceTime 300']);
  // A busy machine takes longer than a step for a round.
  await lab.save({ settings: { ...settingsOn, two_factor: { ...settingsOn.two_factor, window: 10 } } });
  await addUser(lab.machine, 'alice', 'a');
  await lab.machine.write('/etc/pam.d/bare', renderStack(built, lab.state, 'auth required pam_permit.so'));
}, 120_000);

afterAll(() => {
  lab?.stop();
  rmSync(built.directory, { recursive: true, force: true });
});

it(`of ${attempts} simultaneous uses of one code exactly one gets in, ${rounds} times`, async () => {
  for (let round = 0; round < rounds; round += 1) {
    await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
    const said = await lab.machine.sh(
      `code=$(cat)
       for i in $(seq ${attempts}); do ${built.checker} bare alice <<< "$code" > /run/said.$i & done
       wait || :
       cat /run/said.*`,
      { input: freshCode(), timeoutMs: 240_000 },
    );
    expect(said.match(/^prompt Verification code: $/gm)?.length).toBeGreaterThanOrEqual(attempts);
    expect(said.match(/^result 0 /gm)).toHaveLength(1);
    expect(said.match(/^result /gm)).toHaveLength(attempts);
    // Having used the right code is no failure: 49 of them would have locked the account.
    expect(lab.store.account('alice')).toMatchObject({ failures: 0, lockouts: 0 });
  }
}, 1_200_000);

it(`the same through sshd, ${rounds} times`, async () => {
  for (let round = 0; round < rounds; round += 1) {
    await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
    const code = freshCode();
    const attempt = () => logIn(lab.machine, { user: 'alice', answers: ['a', code], timeoutMs: 180_000 });
    const results = await Promise.all(Array.from({ length: attempts }, attempt));
    expect(results.filter(({ entered }) => entered)).toHaveLength(1);
    expect(lab.store.account('alice')).toMatchObject({ failures: 0, lockouts: 0 });
  }
}, 2_400_000);

it('simultaneous wrong codes are all counted: the eighth locks', async () => {
  await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
  const wrong = freshCode() === '000000' ? '000001' : '000000';
  await lab.machine.sh(
    `for i in $(seq 16); do ${built.checker} bare alice <<< ${wrong} > /dev/null & done; wait || :`,
    { timeoutMs: 120_000 },
  );
  expect(lab.store.account('alice')).toMatchObject({ failures: 0, lockouts: 1 });
  expect(await lab.check('bare', 'alice', [freshCode()])).toMatchObject({ entered: false });
}, 180_000);
