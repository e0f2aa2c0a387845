import { expect, it } from 'vitest';
import { readFacts } from '../../../src/system/enforcement/facts.ts';
import { findOtherSshdFaults } from '../../../src/system/sshd/other.ts';
import { places, systemdMachine } from '../../support/fake-machine.ts';

const unit = (config: string) =>
  `[Service]\nExecStart=-/usr/sbin/sshd -D $SSHD_OPTS${config === '' ? '' : ` -f ${config}`}\n`;
const other = '/etc/ssh/other_config';

const rows: readonly {
  because: string;
  files: Readonly<Record<string, string>>;
  found: readonly string[];
}[] = [
  {
    because: "it is the administrator's own",
    files: { '/etc/systemd/system/sftp.service': unit(other) },
    found: ['sftp.service'],
  },
  {
    because: 'a package brings it',
    files: { '/usr/lib/systemd/system/sftp.service': unit(other) },
    found: ['sftp.service'],
  },
  {
    because: 'it lies where /lib is no link',
    files: { '/lib/systemd/system/sftp.service': unit(other) },
    found: ['sftp.service'],
  },
  {
    because: 'systemd-run has made it',
    files: { '/run/systemd/transient/run-1.service': unit(other) },
    found: ['run-1.service'],
  },
  {
    because: 'the first of a name counts',
    files: {
      '/etc/systemd/system/sftp.service': '[Service]\nExecStart=/bin/true\n',
      '/usr/lib/systemd/system/sftp.service': unit(other),
    },
    found: [],
  },
  {
    because: 'the package of sshd brings its own',
    files: {
      '/usr/lib/systemd/system/ssh.service': unit(''),
      '/usr/lib/systemd/system/ssh@.service': unit(''),
    },
    found: [],
  },
];
it.each(rows)('finds the units $found where $because', ({ files, found }) => {
  const { ports, contents } = systemdMachine();
  for (const [path, content] of Object.entries({ ...files, [other]: 'Port 2222\n' }))
    contents.set(path, content);
  const runner: typeof ports.runner = {
    run: (argv, options) =>
      argv[1] === 'is-active'
        ? { status: 0, signal: null, stdout: 'active\n', stderr: '' }
        : ports.runner.run(argv, options),
  };
  const site = { ...ports, runner };
  const messages = findOtherSshdFaults(readFacts(site, places, []), { who: 'everybody' }, site, 77).map(
    ({ message }) => message,
  );
  expect(messages).toHaveLength(found.length);
  for (const name of found) expect(messages.join()).toContain(`another sshd is started here (${name}: `);
});
