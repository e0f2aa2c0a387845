/** What this process was asked to do. */
export type Invocation =
  | { readonly mode: 'words'; readonly words: readonly string[] }
  | { readonly mode: 'lines'; readonly lines: readonly string[] }
  | { readonly mode: 'file'; readonly file: string }
  /** No words, no -c, no -f: a script on standard input, or the shell on a terminal. */
  | { readonly mode: 'default' }
  | { readonly mode: 'menu' }
  | { readonly mode: 'help'; readonly words: readonly string[] }
  | { readonly mode: 'print'; readonly text: string }
  | { readonly mode: 'completion'; readonly shell: string }
  | { readonly mode: 'reference'; readonly format: string }
  | { readonly mode: 'complete'; readonly shell: string; readonly words: readonly string[] }
  | { readonly mode: 'timers'; readonly verb: 'run' | 'wait' | 'watch' };

export const qrChoices = ['auto', 'half', 'column', 'wide', 'reverse', 'sixel', 'ascii', 'none'] as const;

/** The process options, as given. */
export type ProcessOptions = {
  readonly stateDir?: string;
  readonly output: 'table' | 'json' | 'yaml' | 'csv';
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly keepGoing: boolean;
  /** False: --no-color. */
  readonly color: boolean;
  readonly qr: (typeof qrChoices)[number];
  readonly invert: boolean;
  readonly pager: boolean;
};

export type Parsed = { readonly invocation: Invocation; readonly options: ProcessOptions };

/** What holds where no option is given. */
export const defaultOptions: ProcessOptions = {
  output: 'table',
  yes: false,
  dryRun: false,
  keepGoing: false,
  color: true,
  qr: 'auto',
  invert: false,
  pager: false,
};
