import type { Json, JsonObject } from '../../output/view.ts';
import type { At, CommandSpec } from '../../registry/spec.ts';

/**
 * What the parameters of a changing command stand at now, by their keys: what `?` shows and `--` starts from. Empty
 * where the command sets nothing that is kept, or where what is kept cannot be read.
 */
export function readPresentValues(
  spec: CommandSpec,
  input: Readonly<Record<string, Json>>,
  at: At,
): JsonObject {
  const kept = readKept(spec.path.join(' '), input, at);
  return Object.fromEntries(Object.entries(kept).filter(([key]) => Object.hasOwn(spec.params, key)));
}

function readKept(path: string, { username }: Readonly<Record<string, Json>>, at: At): JsonObject {
  try {
    if (path === 'auth two_factor update') return at.settings.two_factor;
    if (path === 'service ssh update') return at.settings.ssh;
    if (path !== 'account user update' || typeof username !== 'string') return {};
    const account = at.account(username);
    if (!account) return {};
    const { full_name, admin, locked, exempt = false } = account;
    return { full_name, admin, locked, exempt };
  } catch {
    // Whoever mends a damaged store has to be able to ask what can be typed.
    return {};
  }
}
