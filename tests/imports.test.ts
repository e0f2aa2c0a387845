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
  query: { values: ['errors', 'language'], types: ['json'] },
  registry: { values: ['language', 'query', 'errors'], types: ['json', 'domain', 'output', 'ports'] },
  qr: { values: ['errors'] },
  output: { values: ['errors', 'language', 'qr'], types: ['domain', 'json'] },
  commands: { values: ['registry', 'domain', 'errors', 'language', 'output'], types: ['ports'] },
  system: { values: ['domain', 'errors'], types: ['ports', 'json'] },
  store: { values: ['domain', 'errors'], types: ['ports', 'json'] },
  platform: { values: ['errors'], types: ['ports', 'qr', 'json'] },
  pipeline: {
    values: ['language', 'query', 'registry', 'domain', 'output', 'store', 'system', 'platform', 'errors'],
    types: ['ports', 'json'],
  },
  shell: {
    values: [
      'pipeline',
      'language',
      'registry',
      'domain',
      'commands',
      'output',
      'qr',
      'store',
      'system',
      'platform',
      'errors',
      'program',
    ],
    types: ['ports', 'json', 'invocation'],
  },
  pam: { values: ['domain', 'store', 'system', 'platform', 'errors'], types: ['ports', 'json'] },
  invocation: { values: [] },
  program: { values: ['errors', 'invocation', 'registry'] },
  main: {
    values: [
      'commands',
      'errors',
      'invocation',
      'language',
      'pam',
      'pipeline',
      'platform',
      'program',
      'registry',
      'shell',
      'store',
    ],
    types: ['ports'],
  },
};

/** Each package is known to one file: whoever replaces it has one place to look. */
const packages: Readonly<Record<string, string>> = {
  '@streamparser/json': 'store/export-parts.ts',
  commander: 'program.ts',
  'ipaddr.js': 'domain/networks.ts',
  inquirer: 'platform/prompter.ts',
  conf: 'store/conf-store.ts',
  otplib: 'domain/two-factor/totp.ts',
  'qrcode-terminal/vendor/QRCode': 'qr/matrix.ts',
  'csv-stringify/sync': 'output/csv.ts',
  diff: 'system/enforcement/diff.ts',
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

test('no files import each other in a circle, by types or values', () => {
  const arrows = new Map<string, readonly string[]>(
    files.map((file) => [
      file,
      imports
        .filter((found) => found.file === file && found.target.startsWith('.'))
        .map(({ target }) => relative(source, join(source, dirname(file), target))),
    ]),
  );
  expect(findCircles(arrows).length).toBe(0);
});

test('a circle would be found', () => {
  expect(
    findCircles(
      new Map([
        ['a', ['b']],
        ['b', ['c', 'a']],
        ['c', ['d']],
        ['d', []],
      ]),
    ),
  ).toEqual([['a', 'b']]);
});

test('every folder stands in the table', () => {
  expect(files.map(roomOf).filter((room) => !(room in table))).toEqual([]);
});

test('files and processes are reached from platform/ and store/ alone', () => {
  const strays = imports.filter(
    ({ file, target, isType }) =>
      !isType && /^node:(fs|child_process)/.test(target) && !/^(platform|store)\//.test(file),
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
      !file.startsWith('platform/') &&
      /\bDate\.now\(|new Date\(\)|Math\.random\(/.test(readFileSync(join(source, file), 'utf8')),
  );
  expect(clocks).toEqual([]);
});

/** The strongly connected components of more than one file (Kosaraju). */
function findCircles(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const reverse = new Map([...arrows.keys()].map((file) => [file, [] as string[]]));
  for (const [from, targets] of arrows) for (const to of targets) reverse.get(to)?.push(from);
  const seen = new Set<string>();
  const walk = (graph: ReadonlyMap<string, readonly string[]>, file: string, left: string[]): string[] => {
    if (seen.has(file)) return left;
    seen.add(file);
    for (const next of graph.get(file) ?? []) walk(graph, next, left);
    left.push(file);
    return left;
  };
  const order = [...arrows.keys()].flatMap((file) => walk(arrows, file, [])).reverse();
  seen.clear();
  return order.map((file) => walk(reverse, file, []).sort()).filter((component) => component.length > 1);
}

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
