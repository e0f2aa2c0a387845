import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PosternError } from '../errors.ts';

/** EDITOR may hold arguments, which is why a shell reads it; the file is handed over beside, never inside. */
const startEditor =
  '[ "$EDITOR" ] || EDITOR=$(command -v editor || command -v nano || echo vi); exec $EDITOR "$1"';

/**
 * Opens `text` in $EDITOR as a file that only this user can read, and answers what was saved; undefined: the editor
 * failed or left the file empty. Error: `rule.no_editor`.
 */
export async function editText(
  text: string,
  fileName: string,
  environment: { readonly [name: string]: string | undefined },
): Promise<string | undefined> {
  const folder = makeFolder(environment.XDG_RUNTIME_DIR);
  try {
    const path = join(folder, fileName);
    writeFileSync(path, text, { mode: 0o600 });
    const { status } = spawnSync('/bin/sh', ['-c', startEditor, 'sh', path], { stdio: 'inherit' });
    if (status === 127 || status === 126) throw explainNoEditor(environment.EDITOR);
    const saved = readFileSync(path, 'utf8');
    return status === 0 && saved.trim() !== '' ? saved : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In memory where that can be: the disk may be full. */
function makeFolder(runtimeDirectory: string | undefined): string {
  const candidates = [runtimeDirectory, '/dev/shm', tmpdir()].filter((path) => path !== undefined);
  for (const candidate of candidates) {
    try {
      return mkdtempSync(join(candidate, 'postern-'));
    } catch {
      // The next one.
    }
  }
  throw new PosternError({
    code: 'rule.no_editor',
    message: `cannot create a temporary file in ${candidates.join(', ')}`,
    hint: 'type the parameters on the line',
  });
}

function explainNoEditor(editor: string | undefined): PosternError {
  return new PosternError({
    code: 'rule.no_editor',
    message: editor ? `the editor ${editor} could not be started` : 'no editor was found',
    hint: 'EDITOR=nano postern',
  });
}
