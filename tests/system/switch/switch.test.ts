import { describe, expect, it } from 'vitest';
import { makeDeadline } from '../../../src/domain/deadline.ts';
import { PosternError } from '../../../src/errors.ts';
import {
  overridePath,
  parseSwitch,
  readWord,
  renderSwitch,
  switchOffLine,
} from '../../../src/system/switch/file.ts';
import {
  findIgnoredSwitch,
  readSwitch,
  saveAfterSwitch,
  throwSwitchOff,
} from '../../../src/system/switch/switch.ts';
import type { SystemPlan } from '../../../src/system/types.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

type Kind = { readonly uid?: number; readonly mode?: number; readonly isFile?: boolean };

/** A machine with a switch file in /run/postern; `kinds` says what is odd of the file, `folders` of its folder. */
function machineWith(content: string, kinds: Kind = {}, folders: Kind = {}) {
  const { ports, contents } = systemdMachine();
  contents.set(overridePath, content);
  const stat = (path: string) => {
    const plain = { uid: 0, gid: 0, mode: 0o644, size: 1, mtimeMs: 0, isFile: true };
    if (path === overridePath) return { ...plain, ...kinds };
    if (path === '/run/postern') return { ...plain, mode: 0o755, isFile: false, ...folders };
    return ports.files.stat(path);
  };
  return { ...ports, files: { ...ports.files, stat, realPath: (path: string) => path } };
}

describe('a switch file', () => {
  const rows: readonly {
    because: string;
    content?: string;
    file?: Kind;
    folder?: Kind;
    says: 'on' | 'off' | 'absent';
    fault?: RegExp;
    hint?: string;
  }[] = [
    { because: 'it is as the documented line writes it', says: 'off' },
    { because: 'it was written on another system', content: 'off\r\n', says: 'off' },
    { because: 'it says on', content: 'on', says: 'on' },
    {
      because: 'it was written under umask 002',
      file: { mode: 0o664 },
      says: 'absent',
      fault: /users other than root/,
    },
    {
      because: 'it was written under umask 0',
      file: { mode: 0o666 },
      says: 'absent',
      fault: /users other than root/,
    },
    {
      because: 'its folder was made under umask 0',
      folder: { mode: 0o777 },
      says: 'absent',
      fault: /users other/,
    },
    { because: 'it belongs to a user', file: { uid: 1000 }, says: 'absent', fault: /belong to root/ },
    {
      because: 'its folder belongs to a user',
      folder: { uid: 1000 },
      says: 'absent',
      fault: /belong to root/,
    },
    { because: 'it is a folder', file: { isFile: false }, says: 'absent', fault: /regular file/ },
    { because: 'it is empty', content: '', says: 'absent', fault: /neither/, hint: `rm -rf ${overridePath}` },
    { because: 'it says more', content: 'off, please\n', says: 'absent', fault: /neither/ },
    {
      because: 'it says it in capitals',
      content: 'OFF\n',
      says: 'absent',
      fault: /neither/,
      hint: `rm -rf ${overridePath}`,
    },
    {
      because: 'a blank stands at its beginning',
      content: ' off\n',
      says: 'absent',
      fault: /neither/,
      hint: `rm -rf ${overridePath}`,
    },
    {
      because: 'it would say on',
      content: 'on\n',
      file: { mode: 0o664 },
      says: 'absent',
      fault: /users other/,
      hint: `rm -rf ${overridePath}`,
    },
  ];
  it.each(rows)(
    'says $says where $because',
    ({ content = 'off\n', file, folder, says, fault, hint = switchOffLine }) => {
      const ports = machineWith(content, file, folder);
      expect(readSwitch(ports, overridePath)).toBe(says);
      const found = findIgnoredSwitch(ports, overridePath);
      if (fault === undefined) return expect(found).toEqual([]);
      expect(found).toEqual([{ code: 'switch_ignored', message: expect.stringMatching(fault), hint }]);
    },
  );

  it('that is not there is no finding', () => {
    const { ports } = systemdMachine();
    expect(readSwitch(ports, overridePath)).toBe('absent');
    expect(findIgnoredSwitch(ports, overridePath)).toEqual([]);
  });
});

describe('a switch with an end', () => {
  const boot = { id: '916327c0-18d2-4bf6-82ac-26a7f774b3ce', uptimeMs: 4_711_250 };
  const nowMs = 1_764_000_000_900;
  const end = makeDeadline(1800, nowMs, boot);

  it('is written as the module reads it, and read back', () => {
    const text = renderSwitch(false, end);
    expect(text).toBe(`off until ${boot.id} 6511 1764001800 1800\n`);
    expect(parseSwitch(text)).toEqual({
      word: 'off',
      end: { due_ms: 1_764_001_800_000, boot_id: boot.id, due_uptime_ms: 6_511_000, duration_ms: 1_800_000 },
    });
    // A deadline that is no more than Unix time is none for the module.
    expect(renderSwitch(true, makeDeadline(60, nowMs))).toBe('on\n');
  });

  it.each([
    ['off', 0, 'off'],
    ['off', 1_799_000, 'off'],
    ['off', 1_800_000, 'on'],
    ['on', 1_799_000, 'on'],
    ['on', 1_800_000, 'off'],
  ] as const)('that says %s holds %d ms later: %s', (word, laterMs, holds) => {
    const found = parseSwitch(renderSwitch(word === 'on', end));
    const later = { ...boot, uptimeMs: boot.uptimeMs + laterMs };
    // Whatever the clock on the wall says.
    expect(found && readWord(found, 0, later)).toBe(holds);
  });

  it('loses it before the settings do, and has it again where they could not be saved', () => {
    const { ports, contents } = systemdMachine();
    const path = '/var/lib/postern/enforcement';
    const before = renderSwitch(true, end);
    const plan = {
      enforced: true,
      facts: { stateDirectory: '/var/lib/postern' },
      files: [{ kind: 'switch', path, before, after: 'on\n', mode: 0o600 }],
    } as unknown as SystemPlan;
    contents.set(path, before);
    const seen: (string | undefined)[] = [];
    const save = () => seen.push(contents.get(path));
    saveAfterSwitch(ports, plan, save);
    expect(seen).toEqual(['on\n']);
    contents.set(path, before);
    expect(() =>
      saveAfterSwitch(ports, plan, () => {
        throw new Error('the disk is full');
      }),
    ).toThrow('the disk is full');
    expect(contents.get(path)).toBe(before);
  });

  it('is left alone where saving fails and it had no end: a full disk has no room to write it again', () => {
    const { ports, contents, state } = systemdMachine();
    const path = '/var/lib/postern/enforcement';
    const plan = {
      enforced: true,
      facts: { stateDirectory: '/var/lib/postern' },
      files: [{ kind: 'switch', path, before: 'off\n', after: 'on\n', mode: 0o600 }],
    } as unknown as SystemPlan;
    contents.set(path, 'off\n');
    state.readOnly = '/var/lib/postern';
    expect(() =>
      saveAfterSwitch(ports, plan, () => {
        throw new Error('the settings cannot be saved');
      }),
    ).toThrow('the settings cannot be saved');
  });

  it('whose end cannot be written again: why the settings were not saved comes first', () => {
    const { ports, contents, state } = systemdMachine();
    const path = '/var/lib/postern/enforcement';
    const before = renderSwitch(true, end);
    const plan = {
      enforced: true,
      facts: { stateDirectory: '/var/lib/postern' },
      files: [{ kind: 'switch', path, before, after: 'on\n', mode: 0o600 }],
    } as unknown as SystemPlan;
    contents.set(path, before);
    expect(() =>
      saveAfterSwitch(ports, plan, () => {
        state.readOnly = '/var/lib/postern';
        throw new PosternError({ code: 'store.read_only', message: 'it is read-only', hint: 'findmnt' });
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'store.read_only',
        problems: [expect.objectContaining({ hint: 'findmnt' })],
        message: expect.stringMatching(
          /^it is read-only; .*enforcement says on now, without its end \(EROFS/,
        ),
      }),
    );
  });

  it('takes the place of one without, and the other way round', () => {
    const { ports, contents } = systemdMachine();
    const path = '/var/lib/postern/enforcement';
    const clock = { nowMs: () => nowMs, boot: () => boot };
    for (const given of [undefined, end, makeDeadline(60, nowMs, boot), undefined]) {
      expect(throwSwitchOff({ ...ports, clock }, '/var/lib/postern', given)).toMatchObject({ warnings: [] });
      expect(contents.get(path)).toBe(renderSwitch(false, given));
    }
  });
});
