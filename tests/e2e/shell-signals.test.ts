import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type PtyProgram, programPath, startOnPty } from '../support/program-pty.ts';
import { waitFor } from '../support/wait.ts';

let program: PtyProgram | undefined;
afterEach(() => program?.stop());

describe.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s', (signal, code) => {
  it('ends the shell in mid-line, the paste marks taken back', async () => {
    program = startOnPty([]);
    await program.waitForOutput(/\]> $/);
    program.type('auth two_factor update enabled=');
    await program.waitForOutput(/enabled=$/);
    process.kill(await program.pid(), signal);
    expect(await program.exited).toBe(code);
    expect(program.output().endsWith('\x1b[?2004l')).toBe(true);
  });

  it('ends a question with nothing changed and no lock left', async () => {
    program = startOnPty([]);
    await program.waitForOutput(/\]> $/);
    program.type(
      'auth two_factor update window=2\raccount user renew_2fa_secret root secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\r',
    );
    await program.waitForOutput(/Enter = skip for now/);
    program.type('\r');
    await program.waitForOutput(/then type done/);
    program.type('done\r');
    await program.waitForOutput(/not confirmed yet[\s\S]*\]> $/);
    program.type('account user unset_2fa_secret root\r');
    await program.waitForOutput(/Go on\?/);
    process.kill(await program.pid(), signal);
    expect(await program.exited).toBe(code);
    const state = join(program.folder, 'state');
    expect(readdirSync(state).filter((name) => name.startsWith('lock'))).toEqual([]);
    expect(existsSync(join(state, 'accounts'))).toBe(true);
  });

  it.each(['xterm-256color', 'dumb'])('ends the question of a single line (TERM=%s)', async (term) => {
    program = startOnPty(['account', 'user', 'verify_twofactor_token', 'root'], { term });
    await program.waitForOutput(/token .*: ?/);
    process.kill(await program.pid(), signal);
    expect(await program.exited).toBe(code);
    await program.waitForOutput(/Cancelled\. Nothing was changed\./);
  });

  it('ends the menu', async () => {
    program = startOnPty(['menu']);
    await program.waitForOutput(/leaves\): $/);
    process.kill(await program.pid(), signal);
    expect(await program.exited).toBe(code);
  });
});

describe('a terminal that goes away', () => {
  it('ends the shell instead of leaving it behind', async () => {
    program = startOnPty([]);
    await program.waitForOutput(/\]> $/);
    const pid = await program.pid();
    program.stop();
    await waitFor('the shell to be gone', () => !existsSync(`/proc/${pid}`) || undefined);
  });
});

describe('SIGUSR1', () => {
  it.each([
    ['the shell', [], /\]> $/],
    ['the menu', ['menu'], /leaves\): $/],
    ['a question', ['account', 'user', 'unlock'], /user name\):/],
  ] as const)('opens no debugger in %s', async (_what, argv, ready) => {
    program = startOnPty(argv);
    await program.waitForOutput(ready);
    const pid = await program.pid();
    process.kill(pid, 'SIGUSR1');
    // The debugger has a thread of its own: it needs a moment, of which nothing else would tell.
    await waitFor('the signal to be taken', () => !isPending(pid, 'SIGUSR1') || undefined);
    await sleep(300);
    expect(listenersOf(pid)).toEqual([]);
    expect(program.output()).not.toContain('Debugger');
  });
});

function isPending(pid: number, signal: 'SIGUSR1'): boolean {
  const [, mask = '0'] = /^ShdPnd:\s+(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${mask}`) & (1n << BigInt(constants.signals[signal] - 1))) !== 0n;
}

/** The TCP sockets that a process listens on. */
function listenersOf(pid: number): readonly string[] {
  const own = readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return '';
    }
  });
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && own.includes(`socket:[${fields[9]}]`))
    .map((fields) => fields[1] ?? '');
}

describe('the menu without anybody', () => {
  it.each([['closed', 'ignore'] as const, ['a pipe that ends', 'pipe'] as const])(
    'ends where standard input is %s',
    async (_what, stdin) => {
      program = startOnPty(['--version']);
      const child = spawn(
        process.execPath,
        [programPath, '--state-dir', join(program.folder, 'state'), 'menu'],
        { stdio: [stdin, 'pipe', 'pipe'] },
      );
      let output = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk;
      });
      child.stdin?.end('6\n99\n');
      const code = await new Promise((resolve) => child.on('exit', resolve));
      expect(code).toBe(0);
      expect(output).toContain('12) Shut down');
      if (stdin === 'pipe') expect(output).toMatch(/system clock\n[\s\S]*There is no item 99/);
    },
  );
});
