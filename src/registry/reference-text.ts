/** A part of the reference, in no format yet. Labels and code are as typed; texts are sentences. */
export type Block =
  | { readonly kind: 'section' | 'namespace' | 'command' | 'paragraph'; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'entries'; readonly entries: readonly (readonly [label: string, text: string])[] };

/** What the head of a manual page says; absent parts stay empty. */
export type About = {
  readonly version?: string;
  /** ISO date of the release. */
  readonly date?: string;
};

/** What comes before the commands: how the program is called and how a line is written. */
export const introduction: readonly Block[] = [
  { kind: 'section', text: 'Name' },
  { kind: 'paragraph', text: 'postern - set up, enforce and switch off two-factor authentication' },
  { kind: 'section', text: 'Synopsis' },
  {
    kind: 'code',
    lines: [
      'postern [OPTION ...]',
      'postern [OPTION ...] COMMAND [KEY=VALUE ...]',
      'postern [OPTION ...] -c LINE ...',
      'postern [OPTION ...] -f FILE',
      'postern menu',
      'postern completion bash|zsh|fish',
      'postern reference [--format man|markdown]',
    ],
  },
  { kind: 'section', text: 'Description' },
  {
    kind: 'paragraph',
    text: 'Postern is the command shell of an appliance for two-factor authentication. To let people in without a code when somebody is locked out, type as root:',
  },
  { kind: 'code', lines: ['postern auth two_factor update enabled=false'] },
  {
    kind: 'paragraph',
    text: 'Without a command it is an interactive shell. -c runs the lines given, -f the lines of a file (- is standard input), one command a line, and stops at the first error.',
  },
  { kind: 'section', text: 'Lines' },
  {
    kind: 'code',
    lines: ['[NAMESPACE ...] COMMAND [VALUE ...] [KEY=VALUE ...]', '    [--] [> FILE] [# COMMENT]'],
  },
  {
    kind: 'entries',
    entries: [
      ['/ and ..', 'A line in a namespace is relative to it; / in front makes it absolute, .. goes up.'],
      [
        'VALUE',
        'Bare over letters, digits and - _ . / @ : + % ! ~ \\ , or in single quotes (as it stands) or double quotes (with the escapes of JSON); true, false, yes, no, on, off; 0x1F, 0o17; JSON objects and arrays; a,b,c. What the parameter is declared to be decides: token=012345 keeps its zero.',
      ],
      ['KEY.FIELD=VALUE', 'Sets one field of an object: services.ssh=true.'],
      ['?', 'At the end of a line that is not finished: what can follow.'],
      ['--', 'At the end: asks for each parameter; "-- edit" opens an editor.'],
      ['> FILE', 'Writes the output to a new file that only its owner can read.'],
    ],
  },
  { kind: 'section', text: 'Options' },
  {
    kind: 'entries',
    entries: [
      ['-c, --line LINE', 'Runs this line; may be given several times.'],
      ['-f, --file FILE', 'Runs a script; - is standard input.'],
      [
        '--state-dir DIR',
        'Where the store is. Default: /var/lib/postern for root, else $XDG_STATE_HOME/postern.',
      ],
      [
        '-o, --output MODE',
        "table, json, yaml or csv. In csv, text that a spreadsheet would run as a formula has a ' in front, and control characters are written visibly; json gives every value exactly.",
      ],
      ['-y, --yes', 'Answers the questions of destructive commands.'],
      ['--dry-run', 'Says what would change and changes nothing.'],
      ['--keep-going', 'Carries on in a script after an error, and exits with the worst code.'],
      ['--no-color', 'No colours.'],
      ['--qr MODE', 'How QR codes are drawn: auto, half, column, wide, reverse, sixel, ascii or none.'],
      ['--invert', 'Swaps dark and light in QR codes.'],
      ['--pager', 'Shows long output page by page.'],
      ['-V, --version', 'Prints the version.'],
      ['-h, --help', 'Prints the help.'],
    ],
  },
];

/** What comes behind the commands. */
export const closing: readonly Block[] = [
  { kind: 'section', text: 'Exit status' },
  {
    kind: 'entries',
    entries: [
      ['0', 'Done.'],
      ['1', 'Refused: a rule, a wrong code, something that does not exist.'],
      ['2', 'The line is wrong.'],
      ['3', 'Applying failed, and everything was put back.'],
      ['4', 'The store is busy or unreadable.'],
      ['5', 'Not permitted.'],
      ['70', 'A bug in Postern.'],
      ['130', 'Cancelled.'],
    ],
  },
  { kind: 'section', text: 'Environment' },
  {
    kind: 'entries',
    entries: [
      ['POSTERN_STATE_DIR', 'The same as --state-dir.'],
      ['NO_COLOR', 'The same as --no-color, if it is not empty.'],
      ['PAGER, EDITOR', 'The programs for --pager and for "-- edit".'],
    ],
  },
  { kind: 'section', text: 'Files' },
  {
    kind: 'entries',
    entries: [
      ['/var/lib/postern', 'The store: config.json, accounts/, audit.jsonl.'],
      [
        '/run/postern/enforcement',
        'The switch that the PAM module looks at first. Without a working Postern, root switches the codes off by: rm -rf /run/postern; umask 022; mkdir /run/postern; echo off > /run/postern/enforcement',
      ],
    ],
  },
];
