import { expect, it } from 'vitest';
import { findUntrusted, refuseUntrusted } from '../../../src/system/trust/trust.ts';
import type { SystemFacts } from '../../../src/system/types.ts';
import { systemdMachine } from '../../support/fake-machine.ts';

const programDirectory = '/opt/postern';
const helper = `${programDirectory}/bin/postern.js`;
const code = `${programDirectory}/dist/pam-main.cjs`;

type Kind = { readonly uid?: number; readonly mode?: number };

/** Root's everywhere, but for these paths. */
function look(odd: Readonly<Record<string, Kind>>) {
  const present = ['/', '/opt', programDirectory, `${programDirectory}/bin`, `${programDirectory}/dist`];
  const paths = [...present, helper, code, `${code}.cache`];
  const files = {
    ...systemdMachine().ports.files,
    list: () => ['pam-main.cjs', 'pam-main.cjs.cache', 'pam_postern.so'],
    stat: (path: string) =>
      paths.includes(path)
        ? { uid: 0, gid: 0, mode: 0o755, size: 1, mtimeMs: 0, isFile: true, ...odd[path] }
        : undefined,
  };
  return findUntrusted(files, { helper, programDirectory });
}

const rows: readonly { because: string; odd: Readonly<Record<string, Kind>>; untrusted: string | null }[] = [
  { because: 'all of it is root’s', odd: {}, untrusted: null },
  { because: 'the helper is a user’s', odd: { [helper]: { uid: 1000 } }, untrusted: helper },
  { because: 'a group may write the helper', odd: { [helper]: { mode: 0o775 } }, untrusted: helper },
  { because: 'what it loads is a user’s', odd: { [code]: { uid: 1000 } }, untrusted: code },
  {
    because: 'what is compiled of it may be written by everybody',
    odd: { [`${code}.cache`]: { mode: 0o666 } },
    untrusted: `${code}.cache`,
  },
  { because: 'a link stands in its place', odd: { [code]: { mode: 0o777 } }, untrusted: code },
  { because: 'a folder above is a user’s', odd: { '/opt': { uid: 1000 } }, untrusted: '/opt' },
  {
    because: 'a folder above is sticky: after a boot anybody may fill it',
    odd: { '/opt': { mode: 0o1777 } },
    untrusted: '/opt',
  },
  {
    because: 'root outside of a user namespace owns /, and so all below it',
    odd: { '/': { uid: 65_534 }, '/opt': { uid: 65_534 } },
    untrusted: null,
  },
];
it.each(rows)('finds $untrusted where $because', ({ odd, untrusted }) => {
  expect(look(odd)).toBe(untrusted);
});

it.each([
  ['/opt', 'chown root:root /opt && chmod go-w /opt'],
  ['/home/bob', 'cd /opt/postern && npm install -g "$(npm pack --silent)"'],
  [code, 'chown -R root:root /opt/postern && chmod -R go-w /opt/postern'],
])('says how to mend %s', (untrusted, hint) => {
  expect(() => refuseUntrusted({ untrusted, programDirectory } as unknown as SystemFacts)).toThrow(
    expect.objectContaining({
      code: 'rule.program_untrusted',
      problems: [expect.objectContaining({ hint })],
    }),
  );
});
