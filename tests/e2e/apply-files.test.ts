import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsOn } from '../pam/fakes.ts';
import { freshCode } from '../support/pam.ts';
import {
  buildSystemDriver,
  fingerprint,
  removeBuilt,
  type SystemLab,
  settingsOff,
  startSystemLab,
} from '../support/system.ts';

const passwordPrompt = 'Password: ';
const codePrompt = 'Verification code: ';
const withKey = ['-i', '/root/key'];

describe('putting settings in force on a real machine', () => {
  let built: Awaited<ReturnType<typeof buildSystemDriver>>;
  let lab: SystemLab;
  let before: string;

  beforeAll(async () => {
    built = await buildSystemDriver();
    lab = await startSystemLab(built);
    before = await fingerprint(lab.machine);
  }, 120_000);

  afterAll(() => {
    lab?.stop();
    removeBuilt(built);
  });

  beforeEach(async () => {
    await lab.drive(['apply'], settingsOff);
    expect(await fingerprint(lab.machine)).toBe(before);
  });

  it('asks for a code from the moment it is on, and no more once it is off', async () => {
    expect(await lab.drive(['apply'], settingsOn)).toMatchObject({ status: 0 });
    expect(await lab.signIn('alice', ["alice's password", freshCode])).toMatchObject({
      entered: true,
      prompts: [passwordPrompt, codePrompt],
    });
    expect((await lab.signIn('alice', ['wrong', freshCode])).prompts).not.toContain(codePrompt);
    expect(await lab.drive(['off'], settingsOff)).toMatchObject({ status: 0, value: { warnings: [] } });
    expect(await lab.signIn('alice', ["alice's password"])).toMatchObject({ entered: true });
    expect(await fingerprint(lab.machine)).toBe(before);
  });
});
