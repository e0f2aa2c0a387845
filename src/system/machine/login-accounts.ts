import type { Files } from '../../ports/machine.ts';
import type { SystemPorts } from '../types.ts';

/**
 * Login names by which someone could sign in over SSH: those with a login shell and a password or a public key. Of a
 * directory service, which keeps its passwords to itself, those that it lists.
 */
export function findLoginAccounts({ files, runner }: SystemPorts): readonly string[] {
  const own = new Set(readRows('/etc/passwd', files).map(([name]) => name));
  const passwords = new Map(readRows('/etc/shadow', files).map(([name = '', hash = '']) => [name, hash]));
  return splitRows(runner.run(['getent', 'passwd']).stdout)
    .filter(([name = '', , , , , , shell = '']) => {
      if (/\/(nologin|false|sync|shutdown|halt)$/.test(shell)) return false;
      return !own.has(name) || /^[^!*]/.test(passwords.get(name) ?? '') || hasKey(name, files);
    })
    .map(([name = '']) => name);
}

/** Whether there is a public key in an account's home folder; true for those of a directory service. */
export function hasKey(username: string, files: Files): boolean {
  const row = readRows('/etc/passwd', files).find(([name]) => name === username);
  if (row === undefined) return true;
  return ['authorized_keys', 'authorized_keys2'].some((name) =>
    readOrNone(`${row[5]}/.ssh/${name}`, files)
      .split('\n')
      .some((line) => /^\s*[^#\s]/.test(line)),
  );
}

function readRows(path: string, files: Files): string[][] {
  return splitRows(readOrNone(path, files));
}

function splitRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(':'));
}

function readOrNone(path: string, files: Files): string {
  try {
    return files.read(path) ?? '';
  } catch {
    return '';
  }
}
