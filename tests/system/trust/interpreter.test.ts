import { describe, expect, it } from 'vitest';
import { findInterpreter, findInterpreterFaults } from '../../../src/system/trust/interpreter.ts';
import { refuseUntrusted } from '../../../src/system/trust/trust.ts';
import type { SystemFacts } from '../../../src/system/types.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

type Kind = { readonly uid?: number; readonly mode?: number; readonly link?: string };

/** Root's alone everywhere, but for these paths; `link` says where one leads. */
function filesWith(odd: Readonly<Record<string, Kind>>, loaded: readonly string[] = []) {
  const { files } = systemdMachine().ports;
  const resolve = (path: string): string => {
    for (const [from, { link }] of Object.entries(odd)) {
      if (link !== undefined && `${path}/`.startsWith(`${from}/`))
        return resolve(link + path.slice(from.length));
    }
    return path;
  };
  return {
    ...files,
    read: (path: string) =>
      path === '/proc/self/maps'
        ? loaded.map((file) => `7f00-7f10 r-xp 00000000 08:01 4711    ${file}\n`).join('')
        : undefined,
    link: (path: string) => odd[path]?.link,
    realPath: resolve,
    stat: (path: string) => {
      const { uid = 0, mode = 0o755, link } = odd[path] ?? {};
      return { uid, gid: 0, mode: link === undefined ? mode : 0o777, size: 1, mtimeMs: 0, isFile: true };
    },
  };
}

describe('the Node that runs the helper', () => {
  const rows: readonly {
    because: string;
    running: string;
    odd: Readonly<Record<string, Kind>>;
    loaded?: readonly string[];
    path?: string;
    untrusted?: string | null;
  }[] = [
    { because: "it is the distribution's", running: '/usr/bin/node', odd: {} },
    {
      because: 'a stable path leads to a versioned one',
      running: '/opt/node-v20.19.2/bin/node',
      odd: { '/usr/local/bin/node': { link: '/opt/node-v20.19.2/bin/node' } },
      path: '/usr/local/bin/node',
    },
    {
      because: 'the stable path is another Node',
      running: '/opt/node-v20.19.2/bin/node',
      odd: {},
    },
    {
      because: 'a tarball was unpacked as its packer owned it',
      running: '/usr/local/bin/node',
      odd: { '/usr/local/bin/node': { uid: 1000 } },
      untrusted: '/usr/local/bin/node',
    },
    {
      because: 'a group may write the folder',
      running: '/usr/local/bin/node',
      odd: { '/usr/local/bin': { mode: 0o2775 } },
      untrusted: '/usr/local/bin',
    },
    {
      because: 'a link on the way lies in a folder of a user',
      running: '/usr/lib/node/bin/node',
      odd: {
        '/usr/bin/node': { link: '/opt/current/bin/node' },
        '/opt/current': { link: '/home/bob/chosen' },
        '/home/bob': { uid: 1000 },
        '/home/bob/chosen': { link: '/usr/lib/node' },
      },
      path: '/usr/bin/node',
      untrusted: '/home/bob',
    },
    {
      because: 'a link belongs to a user',
      running: '/usr/lib/node',
      odd: { '/usr/bin/node': { link: '/usr/lib/node', uid: 1000 } },
      path: '/usr/bin/node',
      untrusted: '/usr/bin/node',
    },
    {
      because: 'nvm keeps it in the home directory of root',
      running: '/root/.nvm/versions/node/v20.19.2/bin/node',
      odd: {},
      untrusted: '/root',
    },
    {
      because: 'nvm keeps it in the home directory of a user',
      running: '/home/bob/.nvm/versions/node/v20.19.2/bin/node',
      odd: { '/home/bob': { uid: 1000 } },
      untrusted: '/home/bob',
    },
    {
      because: 'it lies in a folder that anybody may fill after a boot',
      running: '/tmp/node',
      odd: { '/tmp': { mode: 0o1777 } },
      untrusted: '/tmp',
    },
    {
      because: 'a library that it has loaded is for a group to write',
      running: '/usr/bin/node',
      odd: { '/usr/lib/x86_64-linux-gnu/libnode.so.115': { mode: 0o775 } },
      loaded: ['/usr/bin/node', '/usr/lib/x86_64-linux-gnu/libnode.so.115'],
      untrusted: '/usr/lib/x86_64-linux-gnu/libnode.so.115',
    },
  ];
  it.each(rows)('is found where $because', ({ running, odd, loaded, path = running, untrusted = null }) => {
    expect(findInterpreter(filesWith(odd, loaded), [running, '/opt/postern/bin/postern.js'])).toEqual({
      path,
      untrusted,
    });
  });

  it('is none where the program needs none', () => {
    expect(findInterpreter(filesWith({}), ['/usr/bin/postern'])).toBeNull();
  });

  it.each([
    ['/root', /home directory/, /apt-get install nodejs/],
    ['/tmp', /users other than root can change \/tmp/, /apt-get install nodejs/],
    ['/usr/local/bin', /can change \/usr\/local\/bin/, /^chown root:root \/usr\/local\/bin && chmod go-w /],
  ])('is refused for %s, with what to do', (untrusted, message, hint) => {
    const facts = { untrusted: null, interpreter: { path: '/x/node', untrusted }, programDirectory: '/opt' };
    expect(() => refuseUntrusted(facts as unknown as SystemFacts)).toThrow(
      expect.objectContaining({
        code: 'rule.interpreter_untrusted',
        message: expect.stringMatching(message),
        problems: [expect.objectContaining({ hint: expect.stringMatching(hint) })],
      }),
    );
  });
});

describe('a Node that the PAM file names', () => {
  const install = 'system enforcement install';
  const newer = `install Node 18.19 or newer, then: ${install}`;
  const rows: readonly {
    because: string;
    kind?: { readonly isFile?: boolean; readonly mode?: number } | null;
    answer?: { readonly status?: number; readonly stdout?: string };
    own?: string;
    finds?: { readonly code: string; readonly hint: string };
  }[] = [
    { because: 'it runs', answer: { stdout: 'v18.19.0\n' } },
    { because: 'it is of the next major', answer: { stdout: 'v26.0.0\n' } },
    { because: 'it is gone', kind: null, finds: { code: 'interpreter_missing', hint: install } },
    {
      because: 'it is not executable',
      kind: { mode: 0o644 },
      finds: { code: 'interpreter_missing', hint: install },
    },
    {
      because: 'it is a folder',
      kind: { isFile: false },
      finds: { code: 'interpreter_missing', hint: install },
    },
    {
      because: 'it is another program',
      answer: { stdout: 'GNU bash, version 5.2.15\n' },
      finds: { code: 'interpreter_broken', hint: newer },
    },
    {
      because: 'a library of it is gone',
      answer: { status: 127, stdout: '' },
      finds: { code: 'interpreter_broken', hint: newer },
    },
    {
      because: 'it is too old',
      answer: { stdout: 'v18.18.2\n' },
      finds: { code: 'interpreter_too_old', hint: newer },
    },
    {
      because: 'it is too old, and Postern runs by a newer one',
      answer: { stdout: 'v12.22.12\n' },
      own: '/usr/local/bin/node',
      finds: { code: 'interpreter_too_old', hint: install },
    },
  ];
  it.each(rows)('is judged where $because', ({ kind = {}, answer, own = '/usr/bin/node', finds }) => {
    const { ports } = systemdMachine();
    const files = {
      ...ports.files,
      realPath: (path: string) => (kind === null ? undefined : path),
      stat: () => ({ uid: 0, gid: 0, mode: 0o755, size: 1, mtimeMs: 0, isFile: true, ...kind }),
    };
    const runner = {
      run: () => ({ status: 0, signal: null, stdout: 'v20.19.2\n', stderr: '', ...answer }),
    };
    const content =
      'auth [default=die] pam_postern.so node=/usr/bin/node helper=/opt/postern/bin/postern.js\n';
    const facts = {
      interpreter: { path: own, untrusted: null },
      present: { '/etc/pam.d/sshd': { content, mode: 0o644 } },
    } as unknown as SystemFacts;
    const found = findInterpreterFaults(facts, { ...ports, files, runner });
    expect(found.map(({ code, hint }) => ({ code, hint }))).toEqual(finds === undefined ? [] : [finds]);
    for (const { message } of found) expect(message).toContain('/usr/bin/node');
  });
});
