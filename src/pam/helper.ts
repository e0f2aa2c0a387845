import type { ExitCode } from '../errors.ts';
import { converse } from './conversation.ts';
import { openGate } from './gate.ts';
import type { PamPorts } from './ports.ts';

export type { PamPorts } from './ports.ts';

/**
 * What `postern pam` runs: one sign-in, with the PAM module at the other end of `lines`. Answers 0 where the person
 * was let in or not asked, 1 where not. Never throws: where nothing more can be said, the module denies by itself.
 */
export async function runPamHelper(ports: PamPorts): Promise<ExitCode> {
  try {
    return (await converse(ports.lines, openGate(ports))) === 'FAIL' ? 1 : 0;
  } catch {
    return 1;
  }
}
