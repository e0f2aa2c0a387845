import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { describeCaller } from '../platform/caller.ts';
import { systemClock } from '../platform/clock.ts';
import { createLineReader } from '../platform/io.ts';
import { checkNewFile, openNewFile } from '../platform/new-file.ts';
import { nonceRandom, systemRandom } from '../platform/random.ts';
import type { Prompter } from '../ports/terminal.ts';
import type { SessionControl } from '../registry/spec.ts';
import type { Registry } from '../registry/tree.ts';
import { openAuditLog } from '../store/audit.ts';
import { markPaths } from '../store/marks.ts';
import { openStore } from '../store/store.ts';
import { createAppliance } from './appliance.ts';
import type { SessionOptions, SessionState, World } from './world.ts';

/** The real world around a store directory. */
export function buildWorld(parts: {
  readonly directory: string;
  readonly registry: Registry;
  readonly options: SessionOptions;
  readonly version: string;
  readonly prompter: Prompter | undefined;
  readonly control: (state: SessionState, world: World) => SessionControl;
}): World {
  const { directory, registry, options } = parts;
  const hostName = hostname();
  // bin/postern.js, beside the folder that this bundle lies in.
  const programDirectory = resolve(__dirname, '..');
  const programPath = resolve(programDirectory, 'bin', 'postern.js');
  const appliance = createAppliance(
    {
      stateDirectory: directory,
      program: [process.execPath, programPath],
      helper: programPath,
      programDirectory,
      uid: process.geteuid?.() ?? 0,
      // Where `make -C src/pam` leaves them.
      moduleDirectories: [__dirname],
    },
    systemClock,
  );
  const world: World = {
    registry,
    store: openStore({
      directory,
      clock: systemClock,
      random: nonceRandom,
      hostName,
      isReadOnly: options.dryRun,
      markPaths: markPaths(directory),
    }),
    audit: openAuditLog({ directory, random: nonceRandom, keepsModes: options.dryRun }),
    clock: systemClock,
    random: systemRandom,
    hostName,
    caller: describeCaller,
    appliance,
    options,
    prompter: parts.prompter,
    readInputLine: createLineReader(0),
    openNewFile,
    readExport: async (path, long) =>
      (await import('../store/read-export.ts')).readExportFile(path, systemRandom, long),
    runLong: async (work) => (await import('../platform/long-work.ts')).runLong(work),
    actPorts: {
      appliance,
      checkNewFile,
      writeNewFile: (path, content) => openNewFile(path).write(content),
      program: { version: parts.version, node: process.version, path: programPath },
    },
    control: (state) => parts.control(state, world),
  };
  return world;
}
