import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn } from '../support/lab/login.ts';
import {
  addUser,
  type Machine,
  projectRoot,
  setPassword,
  startMachine,
  startSshd,
} from '../support/lab/machine.ts';

describe('the throw-away machine', () => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await startMachine();
    await addUser(machine, 'alice', 'correct horse');
    await setPassword(machine, 'root', "it's me");
    await startSshd(machine, ['PermitRootLogin yes']);
  }, 60_000);

  afterAll(() => machine.stop());

  it('is private: its accounts, host name, logs and state are its own', async () => {
    expect(
      await machine.sh('hostname; cut -d: -f1 /etc/passwd; ls -A /home /var/lib/postern 2>&1 || :'),
    ).toMatch(/^lab\nroot\nmail\nsshd\nnobody\nalice\n/);
    expect(await machine.sh('ps -e -o comm= | sort -u')).not.toContain('vitest');
    expect(await machine.sh(`ls ${projectRoot}/package.json`)).toContain('package.json');
  });

  it('lets in the right password and nobody else', async () => {
    const right = await logIn(machine, { user: 'alice', answers: ['correct horse'] });
    expect(right).toMatchObject({ entered: true, prompts: ["alice@127.0.0.1's password: "] });
    expect(await logIn(machine, { user: 'alice', answers: ['wrong'] })).toMatchObject({ entered: false });
    expect(await logIn(machine, { user: 'root', answers: ["it's me"] })).toMatchObject({ entered: true });
  });

  it('works for a plain user too, who has a range in /etc/subuid', async () => {
    if (process.getuid?.() !== 0) {
      // This very machine was started by one.
      expect(await machine.sh('id -un; hostname')).toBe('root\nlab\n');
      return;
    }
    // A machine in the machine, started by alice: useradd gave her a range.
    const script = `
      import { startMachine, addUser } from '${projectRoot}/tests/support/lab/machine.ts';
      const machine = await startMachine();
      await addUser(machine, 'carol', 'c');
      console.log(await machine.sh('id -un; id -u carol; hostname'));
      machine.stop();`;
    const bundle = await build({
      stdin: { contents: script, resolveDir: projectRoot, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
      define: { 'import.meta.url': JSON.stringify(`file://${projectRoot}/tests/support/lab/machine.ts`) },
    });
    const node = [process.execPath, '--input-type=module'];
    const { stdout, stderr } = await machine.run(['runuser', '-u', 'alice', '--', ...node], {
      input: bundle.outputFiles[0]?.text ?? '',
    });
    expect(stdout, stderr).toBe('root\n1000\nlab\n\n');
  });

  it('keeps what is sent to syslog', async () => {
    expect(await machine.read('/var/log/auth.log')).toMatch(
      /^\w{3} [ \d]\d [\d:]{8} lab sshd\[\d+\]: .*alice/m,
    );
    expect(await machine.read('/var/log/raw.log')).toMatch(/^<86>.*pam_unix\(sshd:session\)/m);
  });
});
