import { boolean, choice, duration, integer, object, text } from '../../src/registry/kinds.ts';
import { type CommandSpec, defineCommand, type NamespaceBrief } from '../../src/registry/spec.ts';
import { buildRegistry } from '../../src/registry/tree.ts';

const none = { shape: 'text', data: null, text: '' } as const;

const update = defineCommand({
  path: ['auth', 'two_factor', 'update'],
  brief: 'Change the two-factor settings.',
  details: 'enabled=false always works.\n\nIt keeps "every" secret.',
  effect: 'write',
  params: {
    enabled: { kind: boolean, brief: 'ask for codes at all' },
    services: { kind: object({ ssh: boolean }), brief: 'which sign-ins ask for codes' },
    window: { kind: integer({ min: 0, max: 10, unit: 'steps' }), brief: 'steps in which a code is accepted' },
    issuer: {
      kind: text('a name in ASCII', 'nas', { maxLength: 64 }),
      brief: 'name shown by the authenticator',
    },
    unenrolled: { kind: choice('allow', 'deny'), brief: 'accounts without a device' },
    for: { kind: duration({ minSeconds: 60, maxSeconds: 604_800 }), brief: 'how long' },
    force: { kind: boolean, brief: 'do it all the same', default: false },
  },
  examples: [{ line: 'auth two_factor update enabled=false', note: 'Let people in.' }],
  run: () => ({ change: {}, view: none }),
});

const config = defineCommand({
  path: ['auth', 'two_factor', 'config'],
  brief: 'Show the two-factor settings.',
  effect: 'read',
  params: {},
  examples: [{ line: 'auth two_factor config', note: 'The settings.' }],
  run: () => none,
});

const verify = defineCommand({
  path: ['account', 'user', 'verify_twofactor_token'],
  aliases: [['auth', 'two_factor', 'verify']],
  brief: 'Say whether a code is right, and if not, why.',
  effect: 'read',
  params: {
    username: {
      kind: text('a user name', 'root'),
      brief: 'whose code',
      required: true,
      positional: true,
      completes: 'account',
    },
    token: { kind: text('a code', '012345'), brief: 'the code', required: true, secret: true },
    device: {
      kind: text('a device name', 'default'),
      brief: 'which device',
      default: 'default',
      completes: 'device',
    },
  },
  examples: [
    { line: 'account user verify_twofactor_token username=root token=012345', note: "A code's fate." },
  ],
  run: () => none,
});

const query = defineCommand({
  path: ['account', 'user', 'query'],
  brief: 'List accounts with their two-factor state.',
  effect: 'read',
  query: { columns: ['username', 'admin', 'locked', 'failures'] },
  params: {},
  examples: [{ line: 'account user query where admin==true', note: 'The administrators.' }],
  run: () => none,
});

const version = defineCommand({
  path: ['system', 'version'],
  brief: 'Show the version.',
  effect: 'read',
  params: {},
  examples: [{ line: 'system version', note: '.dots and \\backslashes survive.' }],
  run: () => none,
});

const save = defineCommand({
  path: ['system', 'save'],
  brief: 'Write everything to a file.',
  effect: 'read',
  params: {
    file: {
      kind: text('a path', 'a.json'),
      brief: 'which file',
      required: true,
      positional: true,
      completes: 'file',
    },
  },
  examples: [{ line: 'system save file=a.json', note: 'Saved.' }],
  run: () => none,
});

const help = defineCommand({
  path: ['help'],
  aliases: [['man']],
  brief: 'Explain a command or a namespace.',
  effect: 'session',
  params: {
    path: {
      kind: text('a path', 'auth two_factor'),
      brief: 'what to explain',
      positional: true,
      rest: true,
      completes: 'path',
    },
  },
  examples: [{ line: 'help auth two_factor update', note: 'All about one command.' }],
  run: () => undefined,
});

const mode = defineCommand({
  path: ['.mode'],
  brief: 'Choose how answers are shown.',
  effect: 'session',
  params: { mode: { kind: choice('table', 'json', 'yaml', 'csv'), brief: 'how', positional: true } },
  examples: [{ line: '.mode json', note: 'As JSON.' }],
  run: () => undefined,
});

export const sampleCommands: readonly CommandSpec[] = [
  config,
  update,
  verify,
  query,
  version,
  save,
  help,
  mode,
];
const briefs: readonly NamespaceBrief[] = [
  { path: ['auth'], brief: 'Signing in.' },
  { path: ['auth', 'two_factor'], brief: 'Codes at sign-in.' },
  { path: ['account'], brief: 'Accounts.' },
  { path: ['account', 'user'], brief: 'Accounts and their devices.' },
  { path: ['system'], brief: 'The appliance.' },
];

export const sampleRegistry = buildRegistry(sampleCommands, briefs);
