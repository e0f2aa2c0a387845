import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Appliance, passwordOf, startAppliance } from '../support/appliance.ts';
import { listNodes, nodePath } from '../support/nodes.ts';
import { requirePrograms } from '../support/system.ts';

/* Node is upgraded, or taken back, below a Postern that is in force: the same path, another program. */

describe('an appliance whose Node is swapped for another', () => {
  let appliance: Appliance;
  const folder = mkdtempSync(join(tmpdir(), 'postern-swap-'));

  const swap = async (version: string) => {
    copyFileSync(nodePath(version), join(folder, 'node'));
    await appliance.machine.sh(`cp -f '${folder}/node' /usr/local/bin/node`);
    const { stdout } = await appliance.machine.run(['/usr/local/bin/node', '--version']);
    expect(stdout).toContain(`v${version}`);
  };

  beforeAll(async () => {
    requirePrograms('oathtool', 'make', 'gcc');
    appliance = await startAppliance();
    await appliance.machine.sh('mount -t tmpfs -o mode=755 tmpfs /usr/local/bin');
    await swap('20.19.6');
    await appliance.ask('auth two_factor update window=10');
    await appliance.enrol('root');
    await appliance.ask('auth two_factor update enabled=true services.ssh=true');
  }, 180_000);

  afterAll(() => {
    appliance?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(listNodes())('lets people in with a code, and not without, on %s', async (version) => {
    await swap(version);
    const code = appliance.nextCode('root');
    const first = await appliance.signIn('root', [passwordOf('root'), code]);
    expect(first).toMatchObject({ entered: true, prompts: ['Password: ', 'Verification code: '] });
    expect(await appliance.signIn('root', [passwordOf('root'), code])).toMatchObject({ entered: false });
    // Which also compiles, for the next of them to come upon.
    expect(await appliance.ask('auth two_factor config')).toMatchObject({ enabled: true });
  });

  it('is let out of codes by the Node that comes next', async () => {
    await swap('20.12.0');
    expect(await appliance.postern(['auth', 'two_factor', 'update', 'enabled=false'])).toMatchObject({
      status: 0,
      stdout: 'enabled: true -> false\n',
    });
    expect(await appliance.signIn('root', [passwordOf('root')])).toMatchObject({ entered: true });
  });
});
