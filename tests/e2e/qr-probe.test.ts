import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BundledDriver, bundleDriver } from '../support/bundle-driver.ts';
import { type Pty, startPty } from '../support/pty.ts';
import { uris } from '../support/qr-uris.ts';
import { waitFor } from '../support/wait.ts';

let driver: BundledDriver;
let folder: string;
let pty: Pty | undefined;
beforeAll(() => {
  driver = bundleDriver('qr-driver');
});
afterAll(() => driver.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-probe-'));
});
afterEach(async () => {
  await pty?.stop();
  rmSync(folder, { recursive: true });
});

const charsetQuestion = '\r\xc3\xa9\x1b[6n\r\x1b[K';
const firstQuestions = `${charsetQuestion}\x1b7\x1b[999;999H\x1b[6n\x1b8\x1b[c`;

type Start = {
  readonly flags?: string;
  readonly environment?: Record<string, string>;
  readonly wrap?: string;
};

/** Starts the driver; `wrap` is a shell command with the driver's command line in the place of `%`. */
function start({ flags = 'ask', environment = {}, wrap = '%' }: Start = {}): Pty {
  const command = wrap.replace('%', `${process.execPath} ${driver.path} auto '${uris[0]}' ${flags}`);
  const variables = { TERM: 'vt220', LC_ALL: 'C', REPORT: join(folder, 'report'), ...environment };
  pty = startPty(command, variables);
  return pty;
}

async function readReport(key = 'mode') {
  return await waitFor(`${key} in the report`, () => {
    if (!existsSync(join(folder, 'report'))) return undefined;
    const report = JSON.parse(readFileSync(join(folder, 'report'), 'utf8'));
    return key in report || 'error' in report ? report : undefined;
  });
}

describe('a terminal is asked', () => {
  test('one that reads UTF-8 on a line without a size', async () => {
    const terminal = start();
    await terminal.waitForOutput(firstQuestions);
    terminal.send('\x1b[1;2R\x1b[24;80R\x1b[?1;2c');
    expect(await readReport()).toMatchObject({
      mode: 'half',
      raw: false,
      facts: { columns: 80, rows: 24, utf8: true, sixel: false },
    });
    await terminal.waitForOutput('ready> ');
    expect(terminal.received()).not.toContain('\x1b%');
  });

  test('one that reads 8 bits is asked whether it can switch', async () => {
    const terminal = start();
    await terminal.waitForOutput(firstQuestions);
    terminal.send('\x1b[5;3R\x1b[25;80R\x1b[?6c');
    await terminal.waitForOutput(`\x1b%G${charsetQuestion}\x1b%@`);
    terminal.send('\x1b[5;2R');
    expect(await readReport()).toMatchObject({
      facts: { columns: 80, rows: 25, utf8: false, switchesToUtf8: true },
    });
  });

  test('one with sixel is asked for the size of a cell', async () => {
    const terminal = start();
    await terminal.waitForOutput(firstQuestions);
    terminal.send('\x1b[1;2R\x1b[24;80R\x1b[?62;1;4;22c');
    await terminal.waitForOutput('\x1b[16t\x1b[c');
    terminal.send('\x1b[6;20;10t\x1b[?62;1;4;22c');
    const cellPixels = { width: 10, height: 20 };
    expect(await readReport()).toMatchObject({ facts: { sixel: true, cellPixels } });
  });

  test('one at 9600 baud, whose answers come byte by byte', async () => {
    const terminal = start();
    await terminal.waitForOutput(firstQuestions);
    for (const byte of '\x1b[12;2R\x1b[24;80R\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c') {
      terminal.send(byte);
      await sleep(2);
    }
    expect(await readReport()).toMatchObject({ mode: 'half', facts: { columns: 80, rows: 24 } });
  });
});

describe('nothing typed ahead is eaten', () => {
  test.each(['ask', 'ask early'])('before, between and inside of the answers: %s', async (flags) => {
    const terminal = start({ flags });
    await terminal.waitForOutput(firstQuestions);
    terminal.send('he\x1b[1;2Rll\xc3');
    await sleep(20);
    terminal.send('\xb6\x1b[24;8');
    await sleep(20);
    terminal.send('0R\x1b[?1;2cx\x1b[D!');
    await readReport();
    terminal.send('\r');
    expect((await readReport('line')).line).toBe('hellö!x');
  });

  test('typed before the program was even ready', async () => {
    const terminal = start({ wrap: 'echo go; sleep 0.3; %' });
    await terminal.waitForOutput('go');
    terminal.send('early\r');
    await terminal.waitForOutput(firstQuestions);
    terminal.send('\x1b[1;2R\x1b[24;80R\x1b[?1;2c');
    expect((await readReport('line')).line).toBe('early');
  });

  test('typed while the terminal stays silent', async () => {
    const terminal = start();
    await terminal.waitForOutput(firstQuestions);
    terminal.send('still here');
    await readReport();
    terminal.send('\r');
    expect((await readReport('line')).line).toBe('still here');
  });
});

describe('asking has an end', () => {
  test('a silent terminal costs a second, and is left as it was', async () => {
    start();
    const report = await readReport();
    expect(report).toMatchObject({ mode: 'none', raw: false, facts: { columns: 0, rows: 0 } });
    expect(report.askedMs).toBeGreaterThan(900);
    expect(report.askedMs).toBeLessThan(1500);
  });

  test('one that falls silent half-way costs no more', async () => {
    const terminal = start();
    await terminal.waitForOutput(firstQuestions);
    await sleep(300);
    terminal.send('\x1b[1;2R');
    const report = await readReport();
    expect(report).toMatchObject({ facts: { utf8: true, columns: 0 } });
    expect(report.askedMs).toBeLessThan(1500);
  });

  test('Ctrl-C ends it at once', async () => {
    const terminal = start();
    await terminal.waitForOutput(firstQuestions);
    terminal.send('\x03');
    expect(await readReport('error')).toEqual({ error: 'cancelled.interrupted', raw: false });
  });

  test.each(['HUP', 'TERM', 'INT', 'QUIT', 'KILL'])('SIG%s', async (signal) => {
    const state = join(folder, 'state');
    const child = join(folder, 'pid');
    // The shell that stays looks at the terminal when the program is gone.
    const wrap = `trap '' INT QUIT; (trap - INT QUIT; exec sh -c 'echo $$ >${child}; exec "$@"' sh %); echo $? >${state}.exit; stty -a >${state}`;
    const terminal = start({ wrap });
    await terminal.waitForOutput(firstQuestions);
    process.kill(Number(readFileSync(child, 'utf8')), `SIG${signal}`);
    await terminal.ended();
    expect(Number(readFileSync(`${state}.exit`, 'utf8'))).toBeGreaterThan(128);
    const settings = readFileSync(state, 'utf8').split(/[\s;]+/);
    // Nobody can do anything about SIGKILL: it shows that the others are not right by accident.
    expect(settings.includes('icanon')).toBe(signal !== 'KILL');
  });
});

describe('nobody is asked', () => {
  test.each<[string, Start]>([
    ['standard input is something else', { wrap: '% </dev/null' }],
    ['TERM=dumb', { environment: { TERM: 'dumb' } }],
    ['there is no TERM', { environment: { TERM: '' } }],
    ['the program is in the background', { wrap: 'set -m; % & wait' }],
  ])('%s', async (_name, how) => {
    const terminal = start(how);
    const report = await readReport();
    expect(report.facts.sixel).toBeUndefined();
    expect(report.askedMs).toBeLessThan(500);
    expect(terminal.received()).not.toContain('\x1b[6n');
  });

  test('standard input is another terminal', async () => {
    const other = startPty('tty; cat', { TERM: 'vt220' });
    try {
      await other.waitForOutput('\n');
      start({ wrap: `% <${other.received().trim()}` });
      expect((await readReport()).facts.sixel).toBeUndefined();
      expect(pty!.received()).not.toContain('\x1b[6n');
      expect(other.received()).not.toContain('\x1b[6n');
    } finally {
      await other.stop();
    }
  });
});
