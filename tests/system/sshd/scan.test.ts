import { describe, expect, it } from 'vitest';
import { readMatches, scanSshdConfig } from '../../../src/system/sshd/scan.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

const main = '/etc/ssh/sshd_config';
const include = 'Include /etc/ssh/sshd_config.d/*.conf\n';

function scan(contents: Readonly<Record<string, string>>, options: readonly string[] = []) {
  const machine = systemdMachine();
  for (const [path, content] of Object.entries(contents)) machine.contents.set(path, content);
  return scanSshdConfig(machine.ports.files, options);
}

describe("sshd's configuration, line by line", () => {
  const lines: readonly { because: string; line: string; keyword?: string; value?: string }[] = [
    { because: 'plain', line: 'UsePAM no', keyword: 'usepam', value: 'no' },
    { because: 'with another case', line: '  USEPAM  No  ', keyword: 'usepam', value: 'no' },
    { because: 'with an equals sign', line: 'UsePAM=no', keyword: 'usepam', value: 'no' },
    { because: 'with spaces around it', line: '\tUsePAM = no', keyword: 'usepam', value: 'no' },
    { because: 'with quotes', line: '"UsePAM" "no"', keyword: 'usepam', value: 'no' },
    { because: 'with a comment', line: 'UsePAM no # never', keyword: 'usepam', value: 'no' },
    { because: 'with carriage returns', line: 'UsePAM no\r', keyword: 'usepam', value: 'no' },
    {
      because: 'by its former name',
      line: 'ChallengeResponseAuthentication no',
      keyword: 'kbdinteractiveauthentication',
      value: 'no',
    },
    {
      because: 'with several words',
      line: 'AuthenticationMethods publickey,password  hostbased',
      keyword: 'authenticationmethods',
      value: 'publickey,password hostbased',
    },
    { because: 'as a comment', line: '#UsePAM no' },
    { because: 'with another keyword', line: 'UsePAMs no' },
  ];
  it.each(lines)('is read $because: $line', ({ line, keyword, value }) => {
    const found = scan({ [main]: `${include}\n${line}\n` }).lines;
    const expected =
      keyword === undefined ? [] : [{ at: `${main}:3`, keyword, value, match: null, ahead: false }];
    expect(found).toEqual(expected);
  });

  it('knows what each Match block sets, and that it ends with its file', () => {
    const found = scan({
      [main]: `${include}PermitRootLogin no\nMatch User bob,"al ice" # two\n  UsePAM no\n  PasswordAuthentication no\nMatch all\nX11Forwarding no\n`,
      '/etc/ssh/sshd_config.d/10.conf': 'Match Group sftp\nPermitRootLogin without-password\n',
    });
    expect(found.matches).toEqual(['Group sftp', 'User bob,"al ice"', 'all']);
    expect(
      found.lines.find(({ keyword, match }) => keyword === 'permitrootlogin' && match === null),
    ).toBeDefined();
    expect(readMatches(found)).toEqual([
      { criteria: 'Group sftp', values: { permitRootLogin: 'prohibit-password' } },
      { criteria: 'User bob,"al ice"', values: { passwordAuthentication: false } },
    ]);
  });

  it('adds the criteria around an Include to those within', () => {
    const found = scan({
      [main]: `${include}Match User bob\n  Include more/*.conf\n  PasswordAuthentication no\n`,
      '/etc/ssh/more/a.conf':
        'AuthenticationMethods publickey\nMatch Address 10.0.0.0/8\nPasswordAuthentication yes\n',
      '/etc/ssh/more/.hidden.conf': 'UsePAM no\n',
    });
    expect(readMatches(found)).toEqual([
      {
        criteria: 'User bob',
        values: { methods: { password: false, kbdInteractive: false }, passwordAuthentication: false },
      },
      { criteria: 'User bob Address 10.0.0.0/8', values: { passwordAuthentication: true } },
    ]);
    expect(found.paths).toEqual([main, '/etc/ssh/sshd_config.d', '/etc/ssh/more', '/etc/ssh/more/a.conf']);
  });

  const places: readonly { because: string; text: string; includes: boolean; ahead: boolean }[] = [
    { because: 'behind the Include', text: `${include}UsePAM no\n`, includes: true, ahead: false },
    { because: 'before it', text: `UsePAM no\n${include}`, includes: true, ahead: true },
    { because: 'where there is none', text: 'UsePAM no\n', includes: false, ahead: true },
    {
      because: 'before one that is for some',
      text: `UsePAM no\nMatch User bob\n${include}`,
      includes: false,
      ahead: true,
    },
    {
      because: 'behind one in another notation',
      text: 'include "sshd_config.d/0?-[!a-o]*.conf"\nUsePAM no\n',
      includes: true,
      ahead: false,
    },
  ];
  it.each(places)('tells what comes before Postern’s file: a line $because', ({ text, includes, ahead }) => {
    const found = scan({ [main]: text });
    expect(found.includesDropIn).toBe(includes);
    expect(found.lines.map((line) => line.ahead)).toEqual([ahead]);
  });

  it('finds nothing by a pattern that is none', () => {
    expect(scan({ [main]: 'Include sshd_config.d/[z-a]*.conf\n' }).includesDropIn).toBe(false);
  });

  it('counts the options of the running sshd first, and ends with files that include each other', () => {
    const found = scan({ [main]: `${include}Include /etc/ssh/sshd_config\nUsePAM no\n` }, ['UsePAM=yes']);
    expect(found.lines.map(({ at, value }) => `${at} ${value}`)).toEqual([
      'the option -o of the running sshd yes',
      `${main}:3 no`,
    ]);
  });
});
