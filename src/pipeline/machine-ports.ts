import { openFiles } from '../platform/files.ts';
import { processes } from '../platform/processes.ts';
import { systemRandom } from '../platform/random.ts';
import { runner } from '../platform/runner.ts';

/** The real files, programs and processes of this machine. */
export const machinePorts = { files: openFiles(systemRandom), runner, processes };
