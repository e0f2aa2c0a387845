import { PosternError } from '../errors.ts';
import type { SessionState, World } from '../pipeline/world.ts';
import type { SessionControl } from '../registry/spec.ts';

/** What only some sessions can do: a script has no screen to clear and no menu to open. */
export type SessionHooks = Partial<
  Pick<
    SessionControl,
    'mode' | 'setMode' | 'setPager' | 'setQr' | 'historyLines' | 'clearScreen' | 'openMenu'
  >
>;

/** What builtins can do to the session of `state`. Error: `usage.needs_shell` for what this session cannot do. */
export function createControl(
  state: SessionState,
  { registry }: Pick<World, 'registry'>,
  hooks: SessionHooks,
): SessionControl {
  return {
    help: async (path) => (await explaining()).helpWith(path, state.location, registry),
    list: async (path) => (await explaining()).listAt(path, state.location, registry),
    enter: (path) => {
      state.location = path;
    },
    leave: () => {
      state.isLeaving = true;
    },
    mode: hooks.mode ?? (() => 'table'),
    setMode: hooks.setMode ?? ((mode) => refuse('.mode', `postern --output ${mode} ...`)()),
    setPager: hooks.setPager ?? refuse('.pager', 'postern --pager ...'),
    setQr: hooks.setQr ?? refuse('.qr_mode', 'postern --qr MODE ...'),
    historyLines: hooks.historyLines ?? refuse('history', 'postern'),
    clearScreen: hooks.clearScreen ?? refuse('clear', 'postern'),
    openMenu: hooks.openMenu ?? refuse('menu', 'postern menu'),
  };
}

/** Loaded when something is to be explained. */
function explaining() {
  return import('../pipeline/explain-line.ts');
}

function refuse(word: string, hint: string): () => never {
  return () => {
    throw new PosternError({
      code: 'usage.needs_shell',
      message: `${word} works only in the interactive shell`,
      hint,
    });
  };
}
