import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { SystemPorts } from '../../../src/system/types.ts';
import { wasWrittenByPackage } from '../../../src/system/watch/conffile.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

const path = '/etc/pam.d/sshd';
const content = '@include common-auth\n';
const md5 = createHash('md5').update(content).digest('hex');
const hourMs = 3_600_000;
const writtenMs = 100 * hourMs;

const status = (digest: string) =>
  [
    'Package: openssh-client\nStatus: install ok installed',
    `Package: openssh-server\nStatus: install ok installed\nConffiles:\n /etc/default/ssh 0\n ${path} ${digest}\nDescription: x`,
  ].join('\n\n');

const rows: readonly {
  because: string;
  written: boolean;
  digest?: string;
  modifiedMs?: number;
  unpackedMs?: number;
  list?: string;
}[] = [
  { because: 'dpkg has just written it', written: true },
  { because: 'its package is of an architecture', list: 'openssh-server:amd64.list', written: true },
  { because: 'it differs from what the package has', digest: 'f'.repeat(32), written: false },
  {
    because: 'a person has saved it, though nothing but the block is gone',
    modifiedMs: writtenMs,
    written: false,
  },
  { because: 'a person copied it back, time and all', unpackedMs: writtenMs - 2 * hourMs, written: false },
  { because: 'no package has it', digest: `${md5} obsolete`, written: false },
  { because: 'another package was unpacked', list: 'openssh-client.list', written: false },
];

it.each(rows)('tells whether a package wrote a file: $because', (row) => {
  const { ports, contents } = systemdMachine();
  const { digest = md5, modifiedMs = 0, unpackedMs = writtenMs, list = 'openssh-server.list' } = row;
  contents.set(path, content);
  contents.set('/var/lib/dpkg/status', status(digest));
  contents.set(`/var/lib/dpkg/info/${list}`, '');
  const modified = (file: string) => (file === path ? modifiedMs : unpackedMs);
  const files: SystemPorts['files'] = {
    ...ports.files,
    stat: (file) =>
      contents.has(file)
        ? { uid: 0, gid: 0, mode: 0o644, size: 0, mtimeMs: modified(file), isFile: true }
        : undefined,
    changedMs: () => writtenMs,
  };
  const runner = { run: () => ({ status: 0, signal: null, stdout: `${md5}  ${path}\n`, stderr: '' }) };
  expect(wasWrittenByPackage(path, { ...ports, files, runner })).toBe(row.written);
});
