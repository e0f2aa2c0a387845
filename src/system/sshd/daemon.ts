import type { Files } from '../../ports/machine.ts';
import type { SshdProbe, SystemPorts } from '../types.ts';
import { sshdDropInPath } from './paths.ts';

const configDirectory = '/etc/ssh';
const mainConfig = `${configDirectory}/sshd_config`;
const dropInDirectory = `${configDirectory}/sshd_config.d`;

/** Effective values of sshd by lower-case keyword; or why there are none. */
export type SshdAnswer = Readonly<Record<string, string>> | { readonly problem: string };

/** Path of the installed sshd; null: there is none. */
export function findSshd(files: Files): string | null {
  return ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) => files.stat(path) !== undefined) ?? null;
}

/** The files of Debian's sshd_config; what else an Include names is read where it lies. */
function listSshdConfigFiles(files: Files): readonly string[] {
  const dropIns = files.stat(dropInDirectory) === undefined ? [] : files.list(dropInDirectory);
  return [
    mainConfig,
    ...dropIns.filter((name) => name.endsWith('.conf')).map((name) => `${dropInDirectory}/${name}`),
  ];
}

/** A copy of sshd's whole configuration with another drop-in of Postern's. */
export type StagedSshdConfig = { readonly directory: string; readonly main: string };

/** Copies sshd's configuration to `directory`, Postern's drop-in replaced by `dropIn` (null: left out). */
export function stageSshdConfig(files: Files, directory: string, dropIn: string | null): StagedSshdConfig {
  const moveIncludes = (text: string) =>
    text
      .split('\n')
      .map((line) =>
        /^\s*include[\s=]/i.test(line)
          ? line.replaceAll(/(^|[\s="])(?:\/etc\/ssh\/)?sshd_config\.d\//g, `$1${directory}/sshd_config.d/`)
          : line,
      )
      .join('\n');
  for (const path of listSshdConfigFiles(files)) {
    const content = path === sshdDropInPath ? undefined : files.read(path);
    if (content === undefined) continue;
    files.writeAtomic(path.replace(configDirectory, directory), moveIncludes(content), 0o600);
  }
  if (dropIn !== null) files.writeAtomic(sshdDropInPath.replace(configDirectory, directory), dropIn, 0o600);
  return { directory, main: `${directory}/sshd_config` };
}

/** What sshd says against its configuration (`sshd -t`); undefined: nothing. */
export function checkSshdConfig(ports: SystemPorts, staged?: StagedSshdConfig): string | undefined {
  const answer = runSshd(ports, ['-t'], staged);
  return 'problem' in answer ? answer.problem : undefined;
}

/**
 * The values that count for someone (`sshd -T -C`); null: for those whom no Match block but `all` concerns. `options`:
 * what is in sshd's command line, a line of sshd_config each. `programName`: what sshd was started as.
 */
export function askSshd(
  ports: SystemPorts,
  who: Pick<SshdProbe, 'user' | 'address'> | null,
  options: readonly string[],
  staged?: StagedSshdConfig,
  programName = 'sshd',
): SshdAnswer {
  const connection =
    who === null
      ? []
      : ['-C', `user=${who.user},host=${who.address},addr=${who.address},laddr=127.0.0.1,lport=22`];
  const answer = runSshd(ports, ['-T', ...connection, ...options.flatMap((line) => ['-o', line])], staged);
  if ('problem' in answer) return answer;
  const values: Record<string, string> = {};
  for (const line of answer.stdout.split('\n')) {
    const space = line.indexOf(' ');
    // Keywords that may be repeated come a line each; of those none is asked for here.
    if (space > 0) values[line.slice(0, space)] ??= line.slice(space + 1).trim();
  }
  // Before OpenSSH 9.8 the name could not be set, and was the program's.
  values.pamservicename ??= programName;
  return values;
}

function runSshd(
  ports: SystemPorts,
  args: readonly string[],
  staged: StagedSshdConfig | undefined,
): { readonly stdout: string } | { readonly problem: string } {
  const program = findSshd(ports.files);
  if (program === null) return { problem: 'there is no sshd' };
  const run = () => ports.runner.run([program, ...args, ...(staged ? ['-f', staged.main] : [])]);
  let result = run();
  if (/privilege separation directory: (\/run|\/var\/run)\/sshd/.test(result.stderr)) {
    // The service makes it at its start; where sshd never ran, even `sshd -t` asks for it.
    ports.runner.run(['mkdir', '-p', '-m', '0755', '/run/sshd']);
    result = run();
  }
  if (result.status === 0) return { stdout: result.stdout };
  const said =
    result.stderr.trim().split('\n')[0]?.trim() || `sshd ended with ${result.status ?? result.signal}`;
  return { problem: staged ? said.replaceAll(staged.directory, configDirectory) : said };
}
