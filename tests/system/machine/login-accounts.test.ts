import { expect, it } from 'vitest';
import { findLoginAccounts } from '../../../src/system/machine/login-accounts.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

it('knows by which accounts somebody could sign in', () => {
  const { ports, contents } = systemdMachine();
  const rows = [
    'root:x:0:0::/root:/bin/bash',
    'daemon:x:1:1::/usr/sbin:/usr/sbin/nologin',
    'sync:x:4:65534::/bin:/bin/sync',
    'ann:x:1000:1000::/home/ann:/bin/bash',
    'keyed:x:1001:1001::/home/keyed:/bin/sh',
    'postgres:x:110:110::/var/lib/postgresql:/bin/bash',
    'locked:x:1002:1002::/home/locked:/bin/bash',
  ];
  contents.set('/etc/passwd', `${rows.join('\n')}\n`);
  contents.set('/etc/shadow', 'root:$y$x:1\nann:$y$x:1\nkeyed:!:1\npostgres:*:1\nlocked:!$y$x:1\n');
  contents.set('/home/keyed/.ssh/authorized_keys', 'ssh-ed25519 AAAA\n');
  contents.set('/home/locked/.ssh/authorized_keys', '# none\n');
  const listed = `${rows.join('\n')}\nldap:*:5000:5000::/home/ldap:/bin/bash\n`;
  const runner = { run: () => ({ status: 0, signal: null, stdout: listed, stderr: '' }) };
  expect(findLoginAccounts({ ...ports, runner })).toEqual(['root', 'ann', 'keyed', 'ldap']);
});
