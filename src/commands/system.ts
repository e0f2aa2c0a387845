import { text } from '../registry/kinds.ts';
import { type CommandSpec, defineCommand } from '../registry/spec.ts';

const auditColumns = ['time', 'actor', 'from', 'line', 'outcome', 'code'] as const;

const auditQuery = defineCommand({
  path: ['system', 'audit', 'query'],
  brief: 'Show who did what, when and from where.',
  details: 'Oldest first. limit=N shows the newest N; order_by=-time shows the newest first.',
  effect: 'read',
  params: {},
  query: { columns: auditColumns, endsInNewest: true },
  examples: [
    { line: 'system audit query limit=20', note: 'The newest twenty, newest last.' },
    {
      line: "system audit query where outcome == refused and line.startswith('auth')",
      note: 'What was refused.',
    },
  ],
  run: (_input, snapshot) => ({
    shape: 'rows',
    data: snapshot.auditEntries().map(({ time, actor, from, line, outcome, code }) => ({
      time,
      actor,
      from,
      line,
      outcome,
      code: code ?? null,
    })),
    columns: auditColumns,
  }),
});

const info = defineCommand({
  path: ['system', 'info'],
  brief: 'Show what runs here and where its state is.',
  effect: 'observe',
  params: {},
  examples: [{ line: 'system info', note: 'For a bug report.' }],
  run: (_input, snapshot, ports) => ({
    shape: 'record',
    data: {
      version: ports.program.version,
      node: ports.program.node,
      program: ports.program.path,
      host: snapshot.hostName,
      state_directory: snapshot.stateDirectory,
      manages_system: ports.appliance.manages,
      time: new Date(snapshot.nowMs).toISOString(),
    },
  }),
});

const version = defineCommand({
  path: ['system', 'version'],
  brief: 'Show the version.',
  effect: 'observe',
  params: {},
  examples: [{ line: 'system version', note: 'The same as postern --version.' }],
  run: (_input, _snapshot, ports) => ({
    shape: 'text',
    text: ports.program.version,
    data: { version: ports.program.version },
  }),
});

const clock = defineCommand({
  path: ['system', 'clock'],
  brief: 'Show whether the clock is right, who keeps it, and how far off it is.',
  effect: 'observe',
  params: {
    server: {
      kind: text('a host name or address', 'pool.ntp.org'),
      brief: 'ask this time server; the clock is not changed',
      positional: true,
    },
  },
  examples: [{ line: 'system clock', note: 'A wrong clock is the usual cause of rejected codes.' }],
  run: async ({ server }, snapshot, ports) => ({
    shape: 'record',
    data: { time: new Date(snapshot.nowMs).toISOString(), ...(await ports.appliance.readClock(server)) },
  }),
});

export const systemCommands: readonly CommandSpec[] = [auditQuery, info, version, clock];
