import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { describeProgram } from '../../src/program.ts';
import { renderReference } from '../../src/registry/reference.ts';
import { sampleCommands, sampleRegistry } from '../registry/sample-registry.ts';

const { options } = describeProgram();
const man = renderReference(sampleRegistry, options, 'man', { version: '0.1.0', date: '2026-01-02' });

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
