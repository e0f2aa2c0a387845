import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/*
 * What the README shows on a console is typed into a real shell, in the order of the page, against the built program.
 * `[...]` stands for lines that differ from run to run.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'postern-readme-'));

beforeAll(() => {
  if (!existsSync(join(root, 'dist/postern.cjs'))) throw new Error('build first: npm run build');
  writeFileSync(
    join(folder, 'postern'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/postern.js')}' "$@"\n`,
  );
  chmodSync(join(folder, 'postern'), 0o755);
  // The page begins where codes are on, on a machine called nas.
  type('postern auth two_factor update enabled=true force=true issuer=nas');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const steps = readSteps(readFileSync(join(root, 'README.md'), 'utf8'));

test('the README shows something', () => {
  expect(steps.length).toBeGreaterThan(6);
});

for (const [index, { command, expected }] of steps.entries()) {
  test(`${index + 1}: ${command}`, () => {
    const pattern = expected
      .map((line) => (line === '[...]' ? '(?:.*\\n)*?' : `${escapePattern(line)}\\n`))
      .join('');
    expect(type(command)).toMatch(new RegExp(`^${pattern}$`));
  });
}

function type(command: string): string {
  const { stdout } = spawnSync('sh', ['-c', `{ ${command}\n} 2>&1`], {
    encoding: 'utf8',
    input: '',
    env: {
      PATH: `${folder}:${process.env.PATH}`,
      HOME: folder,
      POSTERN_STATE_DIR: join(folder, 'state'),
      LANG: 'C.UTF-8',
    },
  });
  return stdout;
}

function readSteps(text: string): { command: string; expected: string[] }[] {
  const found: { command: string; expected: string[] }[] = [];
  for (const [, block = ''] of text.matchAll(/^```console\n([\s\S]*?)^```$/gm)) {
    for (const line of block.trimEnd().split('\n')) {
      if (line.startsWith('$ ')) found.push({ command: line.slice(2), expected: [] });
      else found.at(-1)?.expected.push(line);
    }
  }
  return found;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
