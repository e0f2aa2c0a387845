import { type ClockStatus, describeOffset } from '../../domain/clock.ts';
import {
  readChronyReport,
  readKernelReport,
  readNtpdReport,
  readTimesyncReport,
  unknownClock,
} from '../../domain/clock-reports.ts';
import type { Files, Runner, TimeServers } from '../../ports/machine.ts';

const askTimeoutMs = 3_000;
type ClockPorts = { readonly files: Files; readonly runner: Runner };

/** How right the clock is by whoever keeps it: chrony, systemd-timesyncd, ntpd or the kernel, in this order. */
export function readClock(ports: ClockPorts): ClockStatus {
  return readChrony(ports) ?? readTimesyncd(ports) ?? readNtpd(ports) ?? readKernel(ports) ?? unknownClock;
}

/** How right the clock is by a server's own answer; the clock is left alone. Errors: those of `TimeServers.ask`. */
export async function compareClock(server: string, timeServers: TimeServers): Promise<ClockStatus> {
  const answer = await timeServers.ask(server);
  return {
    synchronised: null,
    by: 'server',
    offset_seconds: answer.offsetSeconds,
    source: answer.address,
    detail: `by ${server} the clock is ${describeOffset(answer.offsetSeconds)}, to within ${(answer.delaySeconds / 2).toFixed(3)} s`,
  };
}

function readChrony(ports: ClockPorts): ClockStatus | null {
  const tracking = ask(ports, ['chronyc', '-c', 'tracking']);
  if (tracking === undefined) return null;
  return readChronyReport(tracking, ask(ports, ['chronyc', '-c', 'sources']) ?? '');
}

function readTimesyncd(ports: ClockPorts): ClockStatus | null {
  // The folder is there exactly while the service runs; the file in it, from the first synchronisation on.
  if (ports.files.stat('/run/systemd/timesync') === undefined) return null;
  return readTimesyncReport({
    status: ask(ports, ['timedatectl', 'timesync-status']) ?? '',
    synchronisedSinceBoot: ports.files.stat('/run/systemd/timesync/synchronized') !== undefined,
    kernelSaysKept: askKernelFlag(ports),
  });
}

function readNtpd(ports: ClockPorts): ClockStatus | null {
  const variables = ask(ports, ['ntpq', '-n', '-c', 'rv']);
  return variables === undefined ? null : readNtpdReport(variables, ask(ports, ['ntpq', '-pn']) ?? '');
}

function readKernel(ports: ClockPorts): ClockStatus | null {
  const report = ask(ports, ['adjtimex', '-p']);
  if (report !== undefined) return readKernelReport(report);
  const isKept = askKernelFlag(ports);
  if (isKept === null) return null;
  return readKernelReport(isKept ? 'status: 0 return value = 0' : 'status: 64 return value = 5');
}

/** timedated asks the kernel for the flag that `adjtimex -p` shows; null: it does not answer. */
function askKernelFlag(ports: ClockPorts): boolean | null {
  const said = ask(ports, ['timedatectl', 'show', '-p', 'NTPSynchronized', '--value'])?.trim();
  return said === 'yes' ? true : said === 'no' ? false : null;
}

/** What a program prints; undefined: it is not there, or what it asks does not run. */
function ask(ports: ClockPorts, argv: readonly [string, ...string[]]): string | undefined {
  const { status, stdout } = ports.runner.run(argv, { timeoutMs: askTimeoutMs });
  return status === 0 ? stdout : undefined;
}
