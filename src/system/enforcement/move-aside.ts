import type { SystemPorts } from '../types.ts';

/**
 * Moves away what is in the state directory where a file of Postern's belongs, and is no file (a folder, a link).
 * Answers a sentence where something did.
 */
export function moveObstacle(ports: SystemPorts, path: string): string | undefined {
  const fact = ports.files.stat(path);
  if (fact === undefined || fact.isFile) return undefined;
  const aside = `${path}.damaged-${ports.clock.nowMs()}`;
  const { status, stderr } = ports.runner.run(['mv', '-T', '--', path, aside]);
  return status === 0
    ? `${path} is not a regular file, and was moved to ${aside}`
    : `${path} is not a regular file, and could not be moved: ${stderr.trim()}`;
}
