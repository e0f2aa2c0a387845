import type { ProgramOption } from './complete-words.ts';
import type { Block } from './reference-formats.ts';

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
    text: "Postern is an appliance's command shell for two-factor authentication. If you are locked out, turn codes off as root:",
  },
  { kind: 'code', lines: ['postern auth two_factor update enabled=false'] },
  {
    kind: 'paragraph',
    text: 'Without a command, Postern is an interactive shell. -c runs the given lines, -f the lines of a file (- is standard input), one command a line. Both stop at the first error.',
  },
  { kind: 'section', text: 'Lines' },
  {
    kind: 'code',
    lines: ['[NAMESPACE ...] COMMAND [VALUE ...] [KEY=VALUE ...]', '    [--] [> FILE] [# COMMENT]'],
  },
  {
    kind: 'entries',
    entries: [
      ['/ and ..', 'In a namespace a line is relative to it; a leading / makes it absolute, .. goes up.'],
      [
        'VALUE',
        "Bare words of letters, digits and - _ . / @ : + % ! ~ \\ , or text in single quotes (literal) or double quotes (with JSON escapes); true, false, yes, no, on, off; 0x1F, 0o17; JSON objects and arrays; a,b,c. The parameter's declared kind decides: token=012345 keeps its zero.",
      ],
      ['KEY.FIELD=VALUE', 'Sets one field of an object: services.ssh=true.'],
      ['?', 'At the end of an unfinished line: shows what can follow.'],
      ['--', 'At the end of a line: asks for each parameter; "-- edit" opens an editor.'],
      ['> FILE', 'Writes the output to a new file that only its owner can read.'],
    ],
  },
];

/** The options of the process, as the program itself describes them. */
export function describeOptions(options: readonly ProgramOption[]): readonly Block[] {
  return [
    { kind: 'section', text: 'Options' },
    {
      kind: 'entries',
      entries: options.map(({ label, brief, value }) => {
        const choices = Array.isArray(value) ? `: ${value.join(', ')}` : '';
        return [label, `${brief.slice(0, 1).toUpperCase()}${brief.slice(1)}${choices}.`] as const;
      }),
    },
    {
      kind: 'paragraph',
      text: "In csv, text that a spreadsheet would run as a formula has a ' in front, and control characters are written visibly; json gives every value exactly.",
    },
  ];
}

/** What comes behind the commands. */
export const closing: readonly Block[] = [
  { kind: 'section', text: 'Exit status' },
  {
    kind: 'entries',
    entries: [
      ['0', 'Done.'],
      ['1', 'Refused: by a rule, a wrong code, or because something does not exist.'],
      ['2', 'Error in the command line.'],
      ['3', 'Applying failed, and everything was rolled back.'],
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
      ['/var/lib/postern', 'The store of root: config.json, accounts/, audit.jsonl.'],
      ['$XDG_STATE_HOME/postern', 'The store of other users; by default ~/.local/state/postern.'],
      [
        '/run/postern/enforcement',
        'The switch that the PAM module reads first. Without a working Postern, root turns codes off with: rm -rf /run/postern; umask 022; mkdir /run/postern; echo off > /run/postern/enforcement',
      ],
    ],
  },
];
