import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/*
 * Who may import whom (src/README.md, "The house"). A folder that is not named may not be imported. Types may come from
 * one step further, where the table says so.
 */

const source = fileURLToPath(new URL('../src', import.meta.url));

const table: Readonly<
  Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>
> = {
  json: { values: [] },
  errors: { values: [], types: ['language'] },
  ports: { values: [], types: ['json', 'errors', 'domain', 'qr'] },
  language: { values: ['errors'], types: ['json'] },
  domain: { values: ['errors', 'language'], types: ['json'] },
  registry: { values: ['language', 'errors'], types: ['json', 'domain', 'output', 'ports'] },
  qr: { values: ['errors'] },
  output: { values: ['errors', 'language', 'qr'], types: ['json'] },
  commands: { values: ['registry', 'domain', 'errors', 'language'], types: ['output', 'ports'] },
  system: { values: ['domain', 'errors'], types: ['ports', 'json'] },
  store: { values: ['domain', 'errors'], types: ['ports', 'json'] },
  node: { values: ['errors'], types: ['ports', 'qr', 'json'] },
  shell: {
    values: [
      'language',
      'registry',
      'domain',
      'commands',
      'output',
      'qr',
      'store',
      'system',
      'node',
      'errors',
      'program',
    ],
    types: ['ports', 'json'],
  },
  pam: { values: ['domain', 'store', 'system', 'node', 'errors', 'shell'], types: ['ports', 'json'] },
  program: { values: ['errors', 'registry'] },
  main: {
    values: ['commands', 'errors', 'language', 'node', 'pam', 'program', 'registry', 'shell', 'store'],
    types: ['ports'],
  },
};

/** Each package is known to one file: whoever replaces it has one place to look. */
const packages: Readonly<Record<string, string>> = {
  '@streamparser/json': 'store/export-parts.ts',
  commander: 'program.ts',
  inquirer: 'node/prompter.ts',
  conf: 'store/conf-store.ts',
  otplib: 'domain/two-factor/totp.ts',
  'qrcode-terminal/vendor/QRCode': 'qr/matrix.ts',
  'csv-stringify/sync': 'output/csv.ts',
  diff: 'system/diff.ts',
  'get-east-asian-width': 'output/width.ts',
};

type Import = { readonly file: string; readonly target: string; readonly isType: boolean };

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
);
const imports = files.flatMap(readImports);

test('every import is one that the table allows', () => {
  const own = imports.filter(({ target }) => target.startsWith('.'));
  expect(own.length).toBeGreaterThan(300);
  const refused = own.flatMap(({ file, target, isType }) => {
    const [from, to] = [roomOf(file), roomOf(relative(source, join(source, dirname(file), target)))];
    const { values = [], types = [] } = table[from] ?? {};
    const allowed = from === to || values.includes(to) || (isType && types.includes(to));
    return allowed ? [] : [`${file} imports ${isType ? 'types of ' : ''}${to} (${target})`];
  });
  expect(refused).toEqual([]);
});

test('every folder stands in the table', () => {
  expect(files.map(roomOf).filter((room) => !(room in table))).toEqual([]);
});

test('files and processes are reached from node/ and store/ alone', () => {
  const strays = imports.filter(
    ({ file, target, isType }) =>
      !isType && /^node:(fs|child_process)/.test(target) && !/^(node|store)\//.test(file),
  );
  expect(strays).toEqual([]);
});

test('one package, one file', () => {
  for (const [name, file] of Object.entries(packages)) {
    const users = imports
      .filter(({ target, isType }) => !isType && (target === name || target.startsWith(`${name}/`)))
      .map((found) => found.file);
    expect([...new Set(users)], name).toEqual([file]);
  }
});

test('time and randomness come through ports', () => {
  const clocks = files.filter(
    (file) =>
      !file.startsWith('node/') &&
      /\bDate\.now\(|new Date\(\)|Math\.random\(/.test(readFileSync(join(source, file), 'utf8')),
  );
  expect(clocks).toEqual([]);
});

function readImports(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const fixed = [
    ...text.matchAll(/^import\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm),
    ...text.matchAll(/^export\s+(type\s)?(?:\{[^}]*\}|\*)\s+from\s+['"]([^'"]+)['"]/gm),
  ];
  const lazy = [...text.matchAll(/(typeof )?\bimport\(\s*['"]([^'"]+)['"]/g)];
  return [...fixed, ...lazy].map(([, type, target = '']) => ({ file, target, isType: type !== undefined }));
}

function roomOf(file: string): string {
  return file.split('/')[0]?.replace(/\.ts$/, '') ?? '';
}
