import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffFiles } from '../../src/system/enforcement/diff.ts';
import { renderTimerUnits, timerUnitPaths } from '../../src/system/switch/units.ts';
import type { FileChange } from '../../src/system/types.ts';

/* What Postern writes for other programs, as those programs read it. */

describe('the timer of a pending change', () => {
  it('fires when it is due and never before: systemd agrees', () => {
    const units = renderTimerUnits({ due_ms: Date.UTC(2031, 1, 3, 4, 5, 6, 700) }, ['/bin/true']);
    const calendar = /^OnCalendar=(.*)$/m.exec(units[timerUnitPaths.timer] ?? '')?.[1] ?? '';
    const answer = execFileSync('systemd-analyze', ['calendar', calendar], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    expect(answer).toContain('Next elapse: Mon 2031-02-03 04:05:07 UTC');
  });
});

describe('the diff', () => {
  const change = (before: string | null, to: string | null): FileChange => ({
    kind: 'pam',
    path: 'folder/file',
    before,
    after: to,
    mode: 0o644,
  });
  const rows = [
    { because: 'a line is added', before: 'a\nb\nc\n', after: 'a\nx\nb\nc\n' },
    { because: 'the file is new', before: null, after: 'a\nb\n' },
    { because: 'the file goes', before: 'a\nb\n', after: null },
    { because: 'it had no newline at its end', before: 'a\nb', after: 'a\nb\nc' },
    {
      because: 'changes are far apart',
      before: `x\n${'l\n'.repeat(40)}y\n`,
      after: `X\n${'l\n'.repeat(40)}Y\n`,
    },
  ];
  it.each(rows)('is applied by patch where $because', ({ before, after: to }) => {
    const folder = mkdtempSync(join(tmpdir(), 'diff-'));
    try {
      mkdirSync(join(folder, 'folder'));
      if (before !== null) writeFileSync(join(folder, 'folder/file'), before);
      execFileSync('patch', ['-s', '-p0', '-E', '-d', folder], { input: diffFiles([change(before, to)]) });
      const found = to === null ? null : readFileSync(join(folder, 'folder/file'), 'utf8');
      expect(found).toBe(to);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
