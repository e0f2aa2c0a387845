import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Output, renderView } from '../../src/output/render.ts';
import type { Json, View } from '../../src/output/view.ts';
import { measureCells } from '../../src/output/width.ts';
import { linear, measureGrowth } from '../support/growth.ts';

const pipe: Output = { mode: 'table', isTty: false, columns: 0, colours: false, utf8: true };
const screen: Output = { ...pipe, isTty: true, columns: 80 };
const uri = 'otpauth://totp/nas:root?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=nas&algorithm=SHA1';

function account(username: string): Json {
  const device = (name: string, confirmed: boolean) => ({
    name,
    confirmed,
    otp_digits: 6,
    interval: 30,
    last_used: null,
  });
  return {
    username,
    admin: true,
    locked: false,
    devices: [device('default', true), device('spare', false)],
    recovery_codes_left: 10,
    failures: 0,
    locked_until: null,
  };
}
const accounts: View = { shape: 'rows', data: [account('root'), account('alice')] };
const settings: View = {
  shape: 'record',
  data: { enabled: false, services: { ssh: false }, window: 1, issuer: 'nas' },
};
const record = (data: Json): View => ({ shape: 'record', data });

describe('table', () => {
  test('shows a record with the keys as they are typed', () => {
    expect(renderView(settings, pipe)).toBe(
      'enabled       false\nservices.ssh  false\nwindow        1\nissuer        nas',
    );
  });

  test('has the columns of every row, not of the first alone', () => {
    const view: View = { shape: 'rows', data: [{ a: 1 }, { a: 2, b: 'x' }] };
    expect(renderView(view, pipe)).toBe('a  b\n1  -\n2  x');
  });

  test('shows lists, devices, nothing and times as text', () => {
    const data = {
      list: ['a', 'b'],
      none: [],
      empty: '',
      no: null,
      at: '2026-01-02T03:04:05.000Z',
      inner: [{ a: { b: [1] } }],
    };
    expect(renderView(record(data), pipe)).toBe(
      'list   a, b\nnone   -\nempty  -\nno     -\nat     2026-01-02T03:04:05.000Z\ninner  a: {b: [1]}',
    );
    expect(renderView(record({ devices: (account('x') as { devices: Json }).devices }), pipe)).toBe(
      'devices  default (confirmed, otp_digits: 6, interval: 30, last_used: -)\n' +
        '         spare (not confirmed, otp_digits: 6, interval: 30, last_used: -)',
    );
  });

  test('never cuts or wraps what goes to a pipe, and keeps a row in a line', () => {
    const rows = String(
      renderView({ ...accounts, data: [{ name: 'root', uri: `${uri}\n${uri}` }] }, pipe),
    ).split('\n');
    expect(rows).toEqual(['name  uri', `root  ${uri}\\n${uri}`]);
  });

  test('wraps the cells of a table that is wider than the screen', () => {
    const text = String(renderView(accounts, screen));
    for (const line of text.split('\n')) expect(measureCells(line)).toBeLessThanOrEqual(80);
    expect(text.split('\n').slice(0, 5)).toEqual([
      'username  admin  locked  devices                    recovery_  failures  locked_',
      '                                                    codes_               until',
      '                                                    left',
      'root      true   false   default (confirmed),       10         0         -',
      '                         spare (not confirmed)',
    ]);
  });

  test('gives a column the room that its words need before a header has any to spare', () => {
    const devices = ['default', 'phone', 'tablet', 'key'].map((name) => ({ name, confirmed: false }));
    const data = ['root', 'ann'].map((username) => ({
      username,
      admin: true,
      locked: false,
      enrolled: false,
      devices,
      recovery_codes_left: 10,
      locked_until: null,
    }));
    const lines = String(renderView({ shape: 'rows', data }, screen)).split('\n');
    for (const line of lines) expect(measureCells(line)).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThanOrEqual(2 + 1 + 2 * 4);
    expect(lines.join(' ')).toContain('default (not confirmed), ');
  });

  test('leaves the milliseconds of a time to programs', () => {
    const data = [{ time: '2026-01-02T03:04:05.678Z' }];
    const rows: View = { shape: 'rows', data };
    expect(renderView(rows, screen)).toBe('time\n2026-01-02T03:04:05Z');
    expect(renderView(rows, { ...pipe, mode: 'json' })).toContain('05.678Z');
    expect(renderView(record({ time: '2026-01-02T03:04:05.678Z' }), pipe)).toContain('05.678Z');
  });

  test('turns rows into records where cells would get too narrow', () => {
    const text = String(renderView(accounts, { ...screen, columns: 40 }));
    expect(text).toMatch(/^username {13}root\n/);
    expect(text).toContain('\n\nusername             alice\n');
    for (const line of text.split('\n')) expect(measureCells(line)).toBeLessThanOrEqual(40);
  });

  test('leaves a long word whole in a record, for the terminal to wrap and the hand to copy', () => {
    expect(renderView(record({ user: 'root', uri }), { ...screen, columns: 40 })).toBe(
      `user  root\nuri\n${uri}`,
    );
  });

  test('loses nothing at 40 columns', () => {
    const text = 'one two three four five six seven eight nine ten eleven twelve';
    const flat = String(renderView(record({ text, uri, n: 1 }), { ...screen, columns: 40 })).replace(
      /\s+/g,
      ' ',
    );
    expect(flat).toBe(`text ${text} uri ${uri} n 1`);
  });

  test('says that a list is empty on a screen, and gives a pipe the header alone', () => {
    const none: View = { shape: 'rows', data: [], columns: ['username', 'admin'] };
    expect(renderView(none, screen)).toBe('nothing found');
    expect(renderView(none, pipe)).toBe('username  admin');
  });

  test('aligns wide letters by cells', () => {
    const rows: View = {
      shape: 'rows',
      data: [
        { name: '\u4e00\u4e8c', x: 1 },
        { name: 'abc', x: 2 },
      ],
    };
    expect(renderView(rows, pipe)).toBe('name  x\n\u4e00\u4e8c  1\nabc   2');
  });

  test('tells what changed, or that nothing did', () => {
    const data = {
      changed: true,
      changes: [
        { key: 'enabled', from: true, to: false },
        { key: 'issuer', from: null, to: 'nas' },
      ],
      warnings: [],
    };
    expect(renderView({ shape: 'changes', data }, pipe)).toBe('enabled: true -> false\nissuer: - -> nas');
    expect(renderView({ shape: 'changes', data: { changed: false, changes: [], warnings: [] } }, pipe)).toBe(
      'unchanged',
    );
    expect(
      renderView({ shape: 'changes', data: { changed: true, changes: [], warnings: [], device: 'a' } }, pipe),
    ).toBe('changed\ndevice  a');
  });

  test('leaves what an enrolment shows to its own picture', () => {
    const enrolment = {
      username: 'a',
      device: 'b',
      secret: 'S3CRET',
      uri,
      digits: 6,
      periodSeconds: 30,
      recoveryCodes: [],
    };
    const data = {
      changed: true,
      changes: [{ key: 'device', from: null, to: 'b' }],
      warnings: [],
      secret: 'S3CRET',
    };
    expect(renderView({ shape: 'changes', data, enrolment }, pipe)).toBe('device: - -> b');
  });

  test('uses colour for headers only where colours are wished', () => {
    expect(renderView(settings, { ...screen, colours: true })).toContain('\x1b[1mwindow      \x1b[22m  1');
    expect(renderView(settings, screen)).not.toContain('\x1b');
  });
});

describe('every mode', () => {
  const evil = 'x\x1b[31m\u009b\u202e\u200b\x7f\r\u2028y';
  const views: readonly View[] = [
    { shape: 'record', data: { [evil]: evil, list: [evil], inner: { [evil]: [evil] } } },
    { shape: 'rows', data: [{ [evil]: evil, list: [{ name: evil, ok: true }] }] },
    {
      shape: 'changes',
      data: { changed: true, changes: [{ key: evil, from: evil, to: [evil] }], warnings: [] },
    },
    { shape: 'text', data: evil, text: evil },
  ];
  test.each(['table', 'json', 'yaml', 'csv'] as const)(
    '%s lets no control character of the data through',
    async (mode) => {
      for (const view of views) {
        for (const isTty of [true, false]) {
          expect(await renderView(view, { ...screen, isTty, mode })).toMatch(/^[\x20-\x7e\n]*$/);
        }
      }
    },
  );

  test.each(['table', 'json', 'yaml', 'csv'] as const)(
    '%s is plain ASCII on a terminal without UTF-8',
    async (mode) => {
      const view = record({ name: 'J\u00f6rg \u00db \u4e00', list: ['\u00e9'] });
      expect(await renderView(view, { ...screen, mode, utf8: false })).toMatch(/^[\x20-\x7e\n]*$/);
      expect(await renderView(view, { ...pipe, mode, utf8: false })).toContain('J\u00f6rg');
    },
  );
});

describe('json', () => {
  test('is one value: in one line for a program, indented for a person', () => {
    expect(renderView(settings, { ...pipe, mode: 'json' })).toBe(JSON.stringify(settings.data));
    expect(renderView(settings, { ...screen, mode: 'json' })).toBe(JSON.stringify(settings.data, null, 2));
  });
});

describe('yaml', () => {
  const yaml: Output = { ...pipe, mode: 'yaml' };

  test.each([
    '012345',
    'no',
    'NO',
    'y',
    'on',
    'null',
    '~',
    '1e3',
    '0o17',
    '0x1F',
    '1:30',
    '2026-01-02',
    '.inf',
    '-1',
    '',
    ' a ',
    '=1',
    'a: b',
    '# a',
  ])('quotes %j, which some reader would take for something else', async (text) => {
    expect(await renderView(record({ token: text }), yaml)).toBe(`token: ${JSON.stringify(text)}`);
  });

  test('leaves words, numbers and booleans as they are', async () => {
    expect(await renderView(settings, yaml)).toBe(
      'enabled: false\nservices:\n  ssh: false\nwindow: 1\nissuer: nas',
    );
  });

  test('gives every value back, under either version of YAML', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ stringUnit: 'binary' }), async (value) => {
        const data = JSON.parse(JSON.stringify(value)) as Json;
        const text = await renderView(record(data), yaml);
        for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version })).toEqual(data);
      }),
      { numRuns: 100 },
    );
  });
});

describe('csv', () => {
  const csv: Output = { ...pipe, mode: 'csv' };

  test('has a line of headers and a line a row', async () => {
    expect(await renderView(accounts, csv)).toBe(
      'username,admin,locked,devices,recovery_codes_left,failures,locked_until\n' +
        'root,true,false,"default (confirmed), spare (not confirmed)",10,0,\n' +
        'alice,true,false,"default (confirmed), spare (not confirmed)",10,0,',
    );
    expect(await renderView(settings, csv)).toBe('enabled,services.ssh,window,issuer\nfalse,false,1,nas');
  });

  test('shows changes as rows, and nothing found as the header', async () => {
    const data = { changed: true, changes: [{ key: 'enabled', from: true, to: false }], warnings: [] };
    expect(await renderView({ shape: 'changes', data }, csv)).toBe('key,from,to\nenabled,true,false');
    expect(await renderView({ shape: 'rows', data: [], columns: ['a', 'b'] }, csv)).toBe('a,b');
  });

  test('quotes what needs it, and runs nothing in a spreadsheet', async () => {
    const data = [{ a: 'x,"y"\nz', b: '=HYPERLINK("evil")', c: '+1', d: '-1', e: -1, f: '@x' }];
    expect(await renderView({ shape: 'rows', data }, csv)).toBe(
      'a,b,c,d,e,f\n"x,""y""\nz","\'=HYPERLINK(""evil"")",\'+1,\'-1,-1,\'@x',
    );
  });
});

test('the work of a table grows with its rows, not with their square', () => {
  const layOut = (count: number) => {
    const data = Array.from({ length: count }, (_, index) => account(`user${index}`));
    return String(renderView({ shape: 'rows', data }, screen));
  };
  expect(layOut(2000).length).toBeGreaterThan(20_000);
  expect(measureGrowth(layOut, 250)).toBeLessThan(linear);
});
