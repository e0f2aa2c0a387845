import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { describeProgram } from '../../src/program.ts';
import { renderReference } from '../../src/registry/reference.ts';
import { sampleCommands, sampleRegistry } from './sample-registry.ts';

const { options, modes } = describeProgram();
const man = renderReference(sampleRegistry, options, 'man', { version: '0.1.0', date: '2026-01-02' });
const markdown = renderReference(sampleRegistry, options, 'markdown');

function run(program: string, ...args: readonly string[]) {
  const { error, stdout, stderr } = spawnSync(program, args, { input: man, encoding: 'utf8' });
  if (error) throw error;
  return { stdout, stderr };
}

describe('the manual page', () => {
  test('has no fault for mandoc and groff', () => {
    expect(run('mandoc', '-T', 'lint').stdout).toBe('');
    expect(run('groff', '-man', '-ww', '-z', '-Tutf8')).toEqual({ stdout: '', stderr: '' });
  });

  test('shows every command and what can be typed, to the letter, in 80 columns', () => {
    const text = run('mandoc', '-T', 'ascii', '-O', 'width=78').stdout.replace(/.\x08/g, '');
    for (const { path, examples } of sampleCommands) {
      expect(text).toContain(`\n   ${path.join(' ')}\n`);
      for (const { line } of examples) expect(text).toContain(`\n         ${line}\n`);
    }
    expect(text).toContain('.dots and \\backslashes survive.');
    expect(text).toContain("A code's fate.");
    expect(text).toContain('It keeps "every" secret.');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('the Markdown', () => {
  test('has each command once, with usage, parameters and examples', () => {
    for (const { path } of sampleCommands)
      expect(markdown.split(`\n#### \`${path.join(' ')}\`\n`)).toHaveLength(2);
    expect(markdown).toContain('- `window=0..10`: steps in which a code is accepted (steps)');
    expect(markdown).toContain('```\nauth two_factor update enabled=false\n```');
    expect(markdown).toContain('Aliases: auth two\\_factor verify.');
  });
});

test('names every option and mode of the process, in the words of its help', () => {
  for (const { label, brief } of options)
    expect(markdown.toLowerCase()).toContain(
      `- \`${label}\`: ${brief}`.slice(0, label.length + 16).toLowerCase(),
    );
  expect(markdown).toContain('- `--qr MODE`: How QR codes are drawn: auto, half, column, wide');
  for (const { names } of modes) expect(markdown).toContain(`\npostern ${names[0]}`);
});
