import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClockStatus, judgeClock } from '../../../src/domain/clock.ts';
import { timeServers } from '../../../src/platform/sntp.ts';
import type { Files, Runner } from '../../../src/ports/machine.ts';
import { compareClock, readClock } from '../../../src/system/machine/clock.ts';

const chronyNormal =
  '7F000001,127.0.0.1,6,1795493836.500212686,-0.000001146,0.000000020,0.000004920,-0.018,0.000,0.115,0.000007496,0.000000750,0.3,Normal\n';
const chronyLocal = '7F7F0101,,5,1795493829.8,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal\n';
const chronyBehind = chronyNormal.replace('-0.000001146', '90.000038147');
const selected = '^,*,time.example,5,-1,377,0,0.000001205,0.000001225,0.000004721\n';
const lost = '^,?,time.example,5,0,0,9,0.000001205,0.000001225,0.000004721\n';

// As ntpd 4.2.8 and ntpsec 1.2 print them.
const ntpd = (leap: string, stratum: number, offset: string) =>
  `associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,\nversion="ntpd 4.2.8p15", leap=${leap}, stratum=${stratum}, precision=-24, rootdelay=1.2,\nrefid=192.0.2.1, offset=${offset}, sys_jitter=0.1\n`;
const peers = (tally: string, name: string, reach: string) =>
  `     remote           refid      st t when poll reach   delay   offset  jitter\n==========\n${tally}${name}      .GPS.            1 u   33   64  ${reach}    0.123   -0.456   0.012\n`;

const timesync = (offset: string) =>
  `       Server: 192.0.2.7 (time.example)\nPoll interval: 34min 8s (min: 32s; max 34min 8s)\n         Leap: normal\n       Offset: ${offset}\n`;
const kernel = (status: number, value: number) =>
  `         mode: 0\n       offset: 0\n       status: ${status}\n  time_constant: 2\n raw time:  1s 2us = 1.2\n return value = ${value}\n`;

/** What is installed: what each line prints; all else is not there. */
function machine(programs: Readonly<Record<string, string>>, paths: readonly string[] = []) {
  const runner: Runner = {
    run: (argv) => {
      const stdout = programs[argv.join(' ')];
      return { status: stdout === undefined ? 127 : 0, signal: null, stdout: stdout ?? '', stderr: '' };
    },
  };
  const entry = { uid: 0, gid: 0, mode: 0o644, size: 0, mtimeMs: 0, isFile: true };
  const files: Files = {
    read: () => undefined,
    writeAtomic: () => {},
    remove: () => {},
    list: () => [],
    stat: (path) => (paths.includes(path) ? entry : undefined),
    realPath: () => undefined,
    link: () => undefined,
    changedMs: () => undefined,
  };
  return { runner, files };
}
const chrony = (tracking: string, sources: string) =>
  machine({ 'chronyc -c tracking': tracking, 'chronyc -c sources': sources });
const ntp = (variables: string, list: string) => machine({ 'ntpq -n -c rv': variables, 'ntpq -pn': list });
const timesyncd = (offset: string, kernelSaysKept: 'yes' | 'no') =>
  machine(
    {
      'timedatectl timesync-status': timesync(offset),
      'timedatectl show -p NTPSynchronized --value': `${kernelSaysKept}\n`,
    },
    ['/run/systemd/timesync', '/run/systemd/timesync/synchronized'],
  );

describe('who keeps the clock', () => {
  const rows: readonly { because: string; on: ReturnType<typeof machine>; status: Partial<ClockStatus> }[] = [
    {
      because: 'chrony follows a server',
      on: chrony(chronyNormal, selected),
      status: { synchronised: true, by: 'chrony', source: 'time.example', offset_seconds: 0.000001146 },
    },
    {
      because: 'chrony still says Normal after its server is gone',
      on: chrony(chronyNormal, lost),
      status: { synchronised: false, by: 'chrony', source: null },
    },
    {
      because: 'chrony with a server that is selected but no longer reached',
      on: chrony(chronyNormal, selected.replace('377', '0')),
      status: { synchronised: false, by: 'chrony' },
    },
    {
      because: 'chrony follows only itself',
      on: chrony(chronyLocal, ''),
      status: { synchronised: false, by: 'chrony', offset_seconds: null },
    },
    {
      because: 'chrony has not synchronised',
      on: chrony(chronyNormal.replace('Normal', 'Not synchronised'), selected),
      status: { synchronised: false, by: 'chrony' },
    },
    {
      because: 'chrony is still far from its server ("slow" is behind)',
      on: chrony(chronyBehind, selected),
      status: { synchronised: true, offset_seconds: -90.000038147 },
    },
    {
      because: 'timesyncd has synchronised since the boot (a server ahead means behind)',
      on: timesyncd('+1.500ms', 'yes'),
      status: {
        synchronised: true,
        by: 'systemd-timesyncd',
        source: 'time.example',
        offset_seconds: -0.0015,
      },
    },
    {
      because: 'what timesyncd measured before it set the clock is over',
      on: timesyncd('-1min 30.500s', 'yes'),
      status: { synchronised: true, by: 'systemd-timesyncd', offset_seconds: null },
    },
    {
      because: 'timesyncd could not set the clock',
      on: timesyncd('-1h 1min 30.500s', 'no'),
      status: { synchronised: false, by: 'systemd-timesyncd', offset_seconds: 3690.5 },
    },
    {
      because: 'a measurement in words that nobody knows is none',
      on: timesyncd('+1fortnight', 'no'),
      status: { synchronised: false, by: 'systemd-timesyncd', offset_seconds: null },
    },
    {
      because: 'timesyncd runs and has not',
      on: machine({}, ['/run/systemd/timesync']),
      status: { synchronised: false, by: 'systemd-timesyncd', offset_seconds: null },
    },
    {
      because: 'ntpd follows a peer',
      on: ntp(ntpd('00', 2, '0.250'), peers('*', '192.0.2.1', '377')),
      status: { synchronised: true, by: 'ntpd', source: '192.0.2.1', offset_seconds: -0.00025 },
    },
    {
      because: 'ntpd has raised its alarm',
      on: ntp(ntpd('11', 16, '0.0'), peers(' ', '192.0.2.1', '0')),
      status: { synchronised: false, by: 'ntpd' },
    },
    {
      because: 'ntpsec has raised its alarm',
      on: ntp(ntpd('leap_alarm', 3, '0.0'), peers('*', '192.0.2.1', '1')),
      status: { synchronised: false, by: 'ntpd' },
    },
    {
      because: 'ntpd has lost its peer',
      on: ntp(ntpd('00', 2, '0.2'), peers('*', '192.0.2.1', '0')),
      status: { synchronised: false, by: 'ntpd', offset_seconds: -0.0002 },
    },
    {
      because: 'ntpd follows only itself',
      on: ntp(ntpd('00', 6, '0.0'), peers('*', '127.127.1.0', '377')),
      status: { synchronised: false, by: 'ntpd' },
    },
    {
      because: 'the kernel says yes',
      on: machine({ 'adjtimex -p': kernel(8193, 0) }),
      status: { synchronised: true, by: 'kernel' },
    },
    {
      because: 'the kernel says no by its state',
      on: machine({ 'adjtimex -p': kernel(0, 5) }),
      status: { synchronised: false, by: 'kernel' },
    },
    {
      because: 'the kernel says no by its flag',
      on: machine({ 'adjtimex -p': kernel(64, 0) }),
      status: { synchronised: false, by: 'kernel' },
    },
    {
      because: 'timedated asks the kernel',
      on: machine({ 'timedatectl show -p NTPSynchronized --value': 'yes\n' }),
      status: { synchronised: true, by: 'kernel' },
    },
    { because: 'nobody can tell', on: machine({}), status: { synchronised: null, by: null } },
  ];
  it.each(rows)('is found: $because', ({ on, status }) => {
    const { offset_seconds, ...rest } = status;
    const found = readClock(on);
    expect(found).toMatchObject(rest);
    if (offset_seconds === null) expect(found.offset_seconds).toBe(null);
    if (typeof offset_seconds === 'number') expect(found.offset_seconds).toBeCloseTo(offset_seconds, 9);
  });
});

describe('the judgement', () => {
  const status = (more: Partial<ClockStatus>): ClockStatus => ({
    ...{ synchronised: null, by: null, offset_seconds: null, source: null, detail: '' },
    ...more,
  });
  const rows = [
    { because: 'kept', of: status({ synchronised: true, by: 'kernel' }), verdict: 'right' },
    {
      because: 'kept, and still far off',
      of: status({ synchronised: true, by: 'chrony', offset_seconds: -90 }),
      verdict: 'wrong',
    },
    { because: 'far off by a server', of: status({ by: 'server', offset_seconds: 45.1 }), verdict: 'wrong' },
    { because: 'within by a server', of: status({ by: 'server', offset_seconds: -44.9 }), verdict: 'right' },
    {
      because: 'unsynchronised and far off',
      of: status({ synchronised: false, offset_seconds: 90 }),
      verdict: 'wrong',
    },
    {
      because: 'unsynchronised, near by an old word',
      of: status({ synchronised: false, offset_seconds: 0 }),
      verdict: 'unjudged',
    },
    { because: 'unsynchronised', of: status({ synchronised: false }), verdict: 'unjudged' },
    { because: 'unknown', of: status({}), verdict: 'unjudged' },
  ];
  it.each(rows)('of a clock that is $because is: $verdict', ({ of, verdict }) => {
    expect(judgeClock(of, 45).verdict).toBe(verdict);
  });
});

describe('asking a time server', () => {
  let socket: Socket | undefined;
  afterEach(() => {
    socket?.close();
    socket = undefined;
  });

  /** A server on loopback that answers each request as `answer` says. */
  async function serve(answer: (request: Buffer, reply: (packet: Buffer) => void) => void): Promise<string> {
    const server = createSocket('udp4');
    socket = server;
    server.on('message', (request, { port, address }) =>
      answer(request, (packet) => server.send(packet, port, address)),
    );
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const good = (request: Buffer, aheadSeconds: number) => {
    const packet = Buffer.alloc(48);
    packet[0] = (4 << 3) | 4;
    packet[1] = 2;
    request.copy(packet, 24, 40, 48);
    for (const at of [32, 40]) {
      const seconds = Date.now() / 1000 + 2_208_988_800 + aheadSeconds;
      packet.writeUInt32BE(Math.floor(seconds) % 2 ** 32, at);
      packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
    }
    return packet;
  };
  const edit = (packet: Buffer, change: (packet: Buffer) => void) => {
    change(packet);
    return packet;
  };

  it.each([0, 90, -3600])('measures a server that is %i s ahead', async (ahead) => {
    const server = await serve((request, reply) => reply(good(request, ahead)));
    const status = await compareClock(server, timeServers);
    expect(status).toMatchObject({ by: 'server', source: '127.0.0.1' });
    expect(status.offset_seconds).toBeGreaterThan(-ahead - 0.3);
    expect(status.offset_seconds).toBeLessThan(-ahead + 0.3);
    expect(judgeClock(status, 45).verdict).toBe(ahead === 0 ? 'right' : 'wrong');
  });

  it('reads times of the era that begins in 2036', async () => {
    const until2040 = Date.UTC(2040, 0, 1) / 1000 - Date.now() / 1000;
    const server = await serve((request, reply) => reply(good(request, until2040)));
    expect((await timeServers.ask(server)).offsetSeconds).toBeCloseTo(-until2040, -1);
  });

  const refused: readonly { because: string; change: (packet: Buffer) => void; says: string }[] = [
    {
      because: 'is not a server',
      change: (packet) => void packet.writeUInt8((4 << 3) | 3, 0),
      says: 'mode 3',
    },
    {
      because: 'is not synchronised',
      change: (packet) => void packet.writeUInt8((3 << 6) | (4 << 3) | 4, 0),
      says: 'not synchronised',
    },
    {
      because: 'is of stratum 16',
      change: (packet) => void packet.writeUInt8(16, 1),
      says: 'not synchronised',
    },
    {
      because: 'is told to go away',
      change: (packet) => {
        packet[1] = 0;
        packet.write('RATE', 12);
      },
      says: 'RATE',
    },
    { because: 'gives no time', change: (packet) => void packet.fill(0, 40, 48), says: 'no time' },
  ];
  it.each(refused)('takes no word of who $because', async ({ change, says }) => {
    const server = await serve((request, reply) => reply(edit(good(request, 90), change)));
    await expect(timeServers.ask(server)).rejects.toMatchObject({
      code: 'rule.time_server_unusable',
      message: expect.stringContaining(says),
    });
  });

  it('waits for the answer to its own question', async () => {
    const server = await serve((request, reply) => {
      reply(edit(good(request, 90), (packet) => void packet.fill(7, 24, 32)));
      reply(Buffer.from('short'));
      reply(good(request, 0));
    });
    expect(Math.abs((await timeServers.ask(server)).offsetSeconds)).toBeLessThan(1);
  });

  it('gives up on who says nothing', async () => {
    const server = await serve(() => {});
    await expect(timeServers.ask(server, 300)).rejects.toMatchObject({ code: 'rule.time_server_silent' });
  });

  it('says so where nothing listens, and where there is no such name', async () => {
    await expect(timeServers.ask('127.0.0.1:9', 5_000)).rejects.toMatchObject({
      code: 'rule.time_server_silent',
    });
    await expect(timeServers.ask('no-such-host.invalid', 5_000)).rejects.toMatchObject({
      code: 'not_found.time_server',
    });
  });
});
