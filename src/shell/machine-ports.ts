import { openFiles } from '../node/files.ts';
import { processes } from '../node/processes.ts';
import { systemRandom } from '../node/random.ts';
import { runner } from '../node/runner.ts';

/** The real files, programs and processes of this machine. */
export const machinePorts = { files: openFiles(systemRandom), runner, processes };
