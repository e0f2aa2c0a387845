import { describe, expect, it } from 'vitest';
import { overridePath, switchOffLine } from '../../src/system/render/switch.ts';
import { findIgnoredSwitch, readSwitch } from '../../src/system/switch.ts';
import { systemdMachine } from '../support/fake-machine.ts';

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
    { because: 'it is a folder', file: { isFile: false }, says: 'absent', fault: /plain file/ },
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
