import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeAccount } from '../support/accounts.ts';
import { addUser } from '../support/lab/machine.ts';
import { type BuiltPam, buildPam, type PamLab, renderStack, startPamLab } from '../support/pam.ts';
import { passwordRules } from '../support/pam-stacks.ts';
import { removeBuilt } from '../support/system.ts';

const codePrompt = 'Verification code: ';

let built: BuiltPam;
let lab: PamLab;

beforeAll(async () => {
  built = await buildPam();
  lab = await startPamLab(built);
  await addUser(lab.machine, 'alice', 'a');
  await lab.save({ accounts: new Map([['alice', makeAccount('alice')]]) });
}, 120_000);

afterAll(() => {
  lab?.stop();
  removeBuilt(built);
});

// What `render/pam-guard.ts` says of these rules is held against what libpam does with them.
it('asks for the code after a wrong password, or does not, as is said of each stack', async () => {
  const tried = passwordRules.map(async ({ because, rules, services = {}, user = 'alice' }, index) => {
    const service = `stack-${index}`;
    const own = (text: string) => text.replaceAll('its-auth', `${service}-auth`);
    for (const content of Object.values(services)) {
      await lab.machine.write(`/etc/pam.d/${service}-auth`, `${content}\n`);
    }
    await lab.machine.write(`/etc/pam.d/${service}`, `${renderStack(built, lab.state, own(rules))}\n`);
    const { entered, prompts } = await lab.check(service, user, ['wrong']);
    return { because, entered, asked: prompts.includes(codePrompt) };
  });
  expect(await Promise.all(tried)).toEqual(
    passwordRules.map(({ because, unguarded }) => ({ because, entered: false, asked: unguarded !== null })),
  );
});
