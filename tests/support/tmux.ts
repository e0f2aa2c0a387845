import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { waitFor } from './wait.ts';

/** A terminal of tmux (package tmux) with a server of its own, without anybody's configuration. */
export type TmuxScreen = {
  /** Waits until `pattern` is on the screen, and answers the screen with its colours. */
  waitForText(pattern: RegExp): Promise<string>;
  capture(): string;
  /** Screen and scrollback, without colours. */
  captureAll(): string;
  /** Types characters as they stand, or keys by tmux's names with `names`. */
  type(text: string): void;
  press(...names: readonly string[]): void;
  /** Pastes, marked as such where the program asked for it. */
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  stop(): void;
};

/** Starts `argv` on a screen of `columns` by `rows`, in UTF-8. */
export function startTmux(
  argv: readonly string[],
  size: { readonly columns: number; readonly rows: number },
  environment: Readonly<Record<string, string>>,
): TmuxScreen {
  const socket = `postern-${randomUUID()}`;
  const tmux = (...rest: readonly string[]) => {
    const { status, stdout, stderr, error } = spawnSync(
      'tmux',
      ['-u', '-f', '/dev/null', '-L', socket, ...rest],
      {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TERM: 'xterm' },
      },
    );
    if (error) throw new Error('tmux is missing: apt-get install tmux', { cause: error });
    if (status !== 0) throw new Error(`tmux ${rest[0]}: ${stderr}`);
    return stdout;
  };
  const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  tmux('new-session', '-d', '-x', `${size.columns}`, '-y', `${size.rows}`, ...variables, '--', ...argv);
  tmux('set-option', '-g', 'status', 'off');
  const capture = () => tmux('capture-pane', '-p', '-e', '-N');
  return {
    capture,
    captureAll: () => tmux('capture-pane', '-p', '-S', '-'),
    waitForText: (pattern) =>
      waitFor(`${pattern} on the screen`, () => {
        const screen = capture();
        return pattern.test(screen) ? screen : undefined;
      }),
    type: (text) => void tmux('send-keys', '-l', text),
    press: (...names) => void tmux('send-keys', ...names),
    paste: (text) => {
      tmux('set-buffer', '--', text);
      tmux('paste-buffer', '-p');
    },
    resize: (columns, rows) => void tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`),
    stop: () => void tmux('kill-server'),
  };
}
