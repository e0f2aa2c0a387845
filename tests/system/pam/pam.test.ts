import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addPamBlock,
  hasPamBlock,
  isOlderPamBlock,
  readPamArguments,
  removePamBlock,
} from '../../../src/system/pam/block.ts';
import { tracePamPaths } from '../../../src/system/pam/bypass.ts';
import { passwordRules } from '../../support/pam-stacks.ts';

const commonAuth = [
  'auth\t[success=1 default=ignore]\tpam_unix.so nullok',
  'auth\trequisite\t\t\tpam_deny.so',
  'auth\trequired\t\t\tpam_permit.so',
  'auth\toptional\t\t\tpam_cap.so ',
  '',
].join('\n');
const args = {
  modulePath: '/usr/lib/x86_64-linux-gnu/security/pam_postern.so',
  stateDirectory: '/var/lib/postern',
  node: '/usr/bin/node',
  helper: '/usr/bin/postern',
};
const debian = readFileSync('/etc/pam.d/sshd', 'utf8');
const readWith = (services: Readonly<Record<string, string>>) => (name: string) =>
  name in services ? services[name] : name === 'common-auth' ? commonAuth : undefined;
const add = (content: string, services = {}) => addPamBlock(content, args, readWith(services));

describe('the block in /etc/pam.d/sshd', () => {
  it("stands around Debian's password rules, and nowhere else", () => {
    const lines = add(debian)?.split('\n') ?? [];
    const at = lines.indexOf('@include common-auth');
    const module = `${args.modulePath} %state=/var/lib/postern node=/usr/bin/node helper=/usr/bin/postern`;
    expect(lines.slice(at - 2, at + 3)).toEqual([
      '# >>> postern: codes at SSH sign-in; `postern system enforcement remove` takes these lines out',
      `auth [success=done ignore=ignore default=die] ${module.replace('%', 'after=publickey ')}`,
      '@include common-auth',
      `auth [success=ok ignore=ignore default=die] ${module.replace('%', '')}`,
      '# <<< postern',
    ]);
    const others = lines.filter((_, index) => ![at - 2, at - 1, at + 1, at + 2].includes(index));
    expect(others.join('\n')).toBe(debian);
  });

  const kept = [
    { because: 'it is as Debian ships it', content: debian },
    { because: 'it ends without a newline', content: 'account required pam_unix.so\n@include common-auth' },
    { because: 'it has one rule and nothing else', content: 'auth required pam_unix.so' },
    {
      because: 'its lines end as on Windows',
      content: '@include common-auth\r\naccount required pam_unix.so\r\n',
    },
    {
      because: 'a rule goes over two lines',
      content: 'auth required \\\n pam_unix.so\nsession required pam_unix.so\n',
    },
    { because: 'it has empty lines at its end', content: '@include common-auth\n\n\n' },
  ];
  it.each(kept)('comes out byte for byte where $because', ({ content }) => {
    const added = add(content);
    expect(added && hasPamBlock(added)).toBe(true);
    expect(removePamBlock(added ?? '')).toBe(content);
    expect(add(added ?? '')).toBe(added);
  });

  it('comes out byte for byte of any file', () => {
    const line = fc.constantFrom(
      ...['', '# comment', '@include common-auth', 'auth required pam_unix.so', '-auth optional pam_cap.so'],
      ...['account required pam_nologin.so', 'session [success=ok default=bad] pam_selinux.so close', '\t'],
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const content = lines.join('\n');
        const added = add(content);
        expect(added === undefined ? content : removePamBlock(added)).toBe(content);
      }),
    );
  });

  it('names the programs that run the helper, by words that are read back', () => {
    expect(readPamArguments(add(debian) ?? '')).toEqual({
      node: '/usr/bin/node',
      helper: '/usr/bin/postern',
    });
    const odd = { ...args, node: '/opt/n 1/no]de' };
    expect(readPamArguments(addPamBlock(debian, odd, readWith({})) ?? '')).toMatchObject({ node: odd.node });
    const former = addPamBlock(debian, { ...args, node: null }, readWith({})) ?? '';
    expect(readPamArguments(former)).toEqual({ helper: '/usr/bin/postern' });
    expect(readPamArguments(debian)).toEqual({});
    // What an older Postern wrote is written anew.
    expect(add(former)).toBe(add(debian));
  });

  const former = addPamBlock(debian, { ...args, node: null }, readWith({})) ?? '';
  const ofOtherNode = addPamBlock(debian, { ...args, node: '/opt/node/bin/node' }, readWith({})) ?? '';
  const others = [
    { because: 'it names no Node, as one of before', older: true, content: former },
    {
      because: 'it names no Node, and lay elsewhere',
      older: true,
      content: former.replaceAll('/usr/bin/postern', '/opt/postern/bin/postern.js'),
    },
    { because: 'it names another Node', older: true, content: ofOtherNode },
    { because: 'there is none', older: false, content: debian },
    {
      because: 'a control was edited',
      older: false,
      content: former.replace('default=die', 'default=ignore'),
    },
    {
      because: 'a line was taken out',
      older: false,
      content: former.replace(/auth.*after=publickey.*\n/, ''),
    },
    {
      because: 'another store is named',
      older: false,
      content: former.replaceAll('state=/var', 'state=/tmp'),
    },
    {
      because: 'one of two helpers is another',
      older: false,
      content: former.replace('/usr/bin/postern', '/bin/true'),
    },
    {
      because: 'it names a Node and another helper, and no older one did',
      older: false,
      content: ofOtherNode.replaceAll('/usr/bin/postern', '/bin/true'),
    },
    { because: 'it was moved', older: false, content: `${removePamBlock(debian)}${former.slice(0, 300)}` },
  ];
  it.each(others)('is of an older Postern ($older) where $because', ({ older, content }) => {
    expect(isOlderPamBlock(content, args, readWith({}))).toBe(older);
  });

  it('comes out whole though its markers or its words were edited', () => {
    const edited = (add(debian) ?? '')
      .replace(/# <<< postern\n/, '')
      .replace('success=ok ignore=ignore default=die', 'sufficient');
    expect(removePamBlock(edited)).toBe(debian);
  });

  const markers = [
    { because: 'a blank follows', edit: (text: string) => text.replace('# <<< postern', '# <<< postern ') },
    { because: 'it is set in', edit: (text: string) => text.replace('# >>> postern', '\t#  >>> postern') },
    {
      because: 'its case is another',
      edit: (text: string) => text.replace('>>> postern: c', '>>> Postern: C'),
    },
    {
      because: 'its words are others',
      edit: (text: string) => text.replace(/>>> postern.*/, '>>> postern 2fa'),
    },
    {
      because: 'its lines end as on Windows',
      edit: (text: string) => text.replace(/(postern.*|<<< postern)\n/g, '$1\r\n'),
    },
  ];
  it.each(markers)('comes out with a marker of which $because', ({ edit }) => {
    const edited = edit(add(debian) ?? '');
    expect(edited).not.toBe(add(debian));
    expect(removePamBlock(edited)).toBe(debian);
  });

  it('is not there where only a marker is left', () => {
    expect(hasPamBlock(`# >>> postern: x\n${debian}`)).toBe(false);
  });

  const refused = ['', '# nothing\n', 'account required pam_unix.so\n', '@include common-account\n'];
  it.each(refused)('is not put where nothing asks for a password: %j', (content) => {
    expect(add(content, { 'common-account': 'account required pam_unix.so\n' })).toBeUndefined();
  });

  it('keeps a path with a space in one word', () => {
    const added = addPamBlock('@include common-auth\n', { ...args, helper: '/opt/my app/x]y' }, readWith({}));
    expect(added).toContain(String.raw`[helper=/opt/my app/x\]y]`);
  });
});

describe('the ways through the stack', () => {
  const block = (lines: string) => add(lines) ?? '';
  const rows: readonly {
    because: string;
    content: string;
    services?: Record<string, string>;
    bypass: RegExp | null;
  }[] = [
    { because: "Debian's stack leads to the code", content: block(debian), bypass: null },
    {
      because: 'a sufficient rule before it ends the stack',
      content: `auth sufficient pam_rootok.so\n${block('@include common-auth\n')}`,
      bypass: /sufficient pam_rootok/,
    },
    {
      because: 'so does success=done',
      content: `auth [success=done default=ignore] pam_ldap.so\n${block('@include common-auth\n')}`,
      bypass: /pam_ldap/,
    },
    {
      because: 'so does a sufficient rule inside the included file',
      content: block('@include common-auth\n'),
      services: { 'common-auth': 'auth sufficient pam_unix.so\nauth required pam_deny.so\n' },
      bypass: /sufficient pam_unix/,
    },
    {
      because: 'a sufficient rule in a substack ends only that',
      content: block('auth substack password-auth\n'),
      services: { 'password-auth': 'auth sufficient pam_unix.so\nauth required pam_deny.so\n' },
      bypass: null,
    },
    {
      because: 'a jump may go over the module once something was granted',
      content: `auth required pam_permit.so\nauth [success=3 default=ignore] pam_x.so\n${block('auth requisite pam_unix.so\n')}`,
      bypass: /success=3 default=ignore. pam_x/,
    },
    {
      because: 'default stands for success where success is not named',
      content: `auth [default=done] pam_x.so\n${block('@include common-auth\n')}`,
      bypass: /default=done. pam_x/,
    },
    {
      because: 'default=ok grants as well',
      content: `auth [default=ok] pam_x.so\nauth sufficient pam_y.so\n${block('@include common-auth\n')}`,
      bypass: /pam_y/,
    },
    {
      because: 'a later pair outranks default',
      content: `auth [default=done success=ignore new_authtok_reqd=ignore] pam_x.so\n${block('@include common-auth\n')}`,
      bypass: null,
    },
    {
      because: 'an answer that is no success ends the stack, and is no success',
      content: `auth [success=ignore auth_err=done default=die] pam_x.so\n${block('@include common-auth\n')}`,
      bypass: null,
    },
    {
      because: 'a control that libpam cannot read fails',
      content: `auth [success=done;default=ok] pam_x.so\n${block('@include common-auth\n')}`,
      bypass: null,
    },
    {
      because: 'a jump over one substack lands in the next',
      content: `auth required pam_permit.so\nauth [success=1 default=ignore] pam_x.so\nauth substack s\nauth substack t\nauth required pam_deny.so\n`,
      services: {
        s: 'auth required pam_b.so\n',
        t: 'auth [success=ok ignore=ignore default=die] pam_postern.so\n',
      },
      bypass: null,
    },
    {
      because: 'a jump out of a substack fails',
      content:
        'auth required pam_permit.so\nauth substack s\nauth [success=ok ignore=ignore default=die] pam_postern.so\n',
      services: { s: 'auth [default=9] pam_x.so\n' },
      bypass: null,
    },
    {
      because: 'the refusal of an edited line of the module may be forgiven',
      content: '@include common-auth\nauth optional pam_postern.so\n',
      bypass: /pam_unix|pam_permit/,
    },
    {
      because: 'a jump over a substack counts it as one',
      content:
        'auth required pam_a.so\nauth [success=1 default=ignore] pam_x.so\nauth substack s\nauth [success=ok ignore=ignore default=die] pam_postern.so\n',
      services: { s: 'auth required pam_b.so\nauth required pam_c.so\n' },
      bypass: null,
    },
    {
      because: 'a stack that includes itself ends',
      content: block('@include loop\nauth required pam_unix.so\n'),
      services: { loop: '@include loop\n' },
      bypass: null,
    },
    { because: 'without the module everything is a bypass', content: debian, bypass: /pam_/ },
  ];
  it.each(rows)('are known: $because', ({ content, services, bypass }) => {
    const paths = tracePamPaths(content, readWith(services ?? {}));
    if (bypass === null) expect(paths).toMatchObject({ asksForCode: true, bypass: null });
    else expect(paths.bypass).toMatch(bypass);
  });
});

describe('the block of a stack that may end early, or forgives a wrong password', () => {
  const stacks = [
    {
      because: 'pam_faillock stands as in its manual page',
      services: {
        'common-auth': `auth required pam_faillock.so preauth
          auth [success=1 default=bad] pam_unix.so
          auth [default=die] pam_faillock.so authfail
          auth sufficient pam_faillock.so authsucc
          auth required pam_deny.so`,
      },
    },
    {
      because: 'its other example is taken',
      services: {
        'common-auth': `auth required pam_faillock.so preauth
          auth sufficient pam_unix.so
          auth [default=die] pam_faillock.so authfail
          auth required pam_deny.so`,
      },
    },
    {
      because: 'a directory service comes second, as on Red Hat',
      services: {
        'common-auth':
          'auth sufficient pam_unix.so\nauth sufficient pam_sss.so use_first_pass\nauth required pam_deny.so',
      },
    },
    {
      because: 'it is pam_ldap',
      services: { 'common-auth': 'auth sufficient pam_ldap.so\nauth required pam_unix.so try_first_pass' },
    },
    {
      because: 'it is winbind, which remembers the password for ecryptfs',
      services: {
        'common-auth': `auth sufficient pam_unix.so
          auth sufficient pam_winbind.so krb5_auth use_first_pass
          auth required pam_deny.so
          auth optional pam_ecryptfs.so unwrap`,
      },
    },
    {
      because: 'a touch is enough',
      services: { 'common-auth': 'auth sufficient pam_u2f.so\nauth required pam_unix.so' },
    },
  ];
  it.each(stacks)('asks in the account phase, and leaves no way round it, where $because', ({ services }) => {
    for (const content of [
      debian,
      '@include common-auth\n',
      'account required pam_nologin.so\n@include common-auth\n',
    ]) {
      const added = add(content, services) ?? '';
      expect(added).toContain('account [success=ok ignore=ignore default=die] /usr');
      expect(tracePamPaths(added, readWith(services))).toEqual({
        asksForCode: true,
        bypass: null,
        unguarded: null,
      });
      expect(removePamBlock(added)).toBe(content);
      expect(add(added, services)).toBe(added);
      // Once the stack is another, so is the block.
      expect(add(added)).toBe(add(content));
    }
  });

  const services = stacks[0]?.services ?? {};
  const ways = [
    {
      because: 'a rule before it ends the authentication',
      change: (text: string) => `auth sufficient pam_rootok.so\n${text}`,
      bypass: /pam_rootok/,
    },
    {
      because: 'a rule before it ends the account phase',
      change: (text: string) => `account sufficient pam_localuser.so\n${text}`,
      bypass: /sufficient/,
    },
    {
      because: 'the line for key holders is gone, which notes who came by PAM',
      change: (text: string) => text.replace(/^auth .*after=publickey.*\n/m, ''),
      bypass: /sufficient/,
    },
    {
      because: 'a wrong code is forgiven',
      change: (text: string) =>
        text.replace('account [success=ok ignore=ignore default=die]', 'account optional'),
      bypass: /sufficient/,
    },
  ];
  it.each(ways)('has a way round it where $because', ({ change, bypass }) => {
    const changed = change(add('@include common-auth\n@include common-account\n', services) ?? '');
    const account = { 'common-account': 'account required pam_unix.so\n' };
    expect(tracePamPaths(changed, readWith({ ...services, ...account })).bypass).toMatch(bypass);
  });
});

describe('the ways on which a wrong password is forgiven', () => {
  // tests/e2e/appliance-stacks.test.ts holds the same table against libpam.
  it.each(passwordRules)('are known: $because', ({ rules, services, unguarded }) => {
    const service = [
      `auth [success=done ignore=ignore default=die] ${args.modulePath} after=publickey`,
      rules,
      `auth [success=ok ignore=ignore default=die] ${args.modulePath}`,
    ].join('\n');
    const paths = tracePamPaths(service, readWith(services ?? {}));
    expect(paths).toMatchObject({ asksForCode: true, unguarded });
  });

  it("are none in Debian's own files, as they are on this machine", () => {
    const read = (name: string) => readFileSync(`/etc/pam.d/${name}`, 'utf8');
    const added = addPamBlock(debian, args, read) ?? '';
    expect(tracePamPaths(added, read)).toEqual({ asksForCode: true, bypass: null, unguarded: null });
  });
});

describe('the line that looks once more at keys', () => {
  const keys = { ...args, keys: 'spelling' as const };
  const read = readWith({ 'common-auth': 'auth required pam_unix.so\n' });

  it('is no line that asks for a code: a way round the module is found beside it', () => {
    const added = addPamBlock('auth sufficient pam_x.so\n@include common-auth\n', keys, read) ?? '';
    expect(added).toMatch(/^account .*pam_postern\.so state=/m);
    expect(added).toMatch(/^account .*pam_postern\.so keys=spelling /m);
    expect(tracePamPaths(added.replace(/^account .*pam_postern\.so state=.*\n/m, ''), read).bypass).not.toBe(
      null,
    );
  });

  it('goes with the block, byte for byte', () => {
    const added = addPamBlock(debian, keys, readWith({})) ?? '';
    expect(added).toMatch(/^account .*keys=spelling/m);
    expect(removePamBlock(added)).toBe(debian);
  });
});
